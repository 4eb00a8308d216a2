const IN_FLIGHT = 5;

interface Given {
  url: string;
  messages: { events: { body: string }[] }[];
}

/** As many bytes as ours sends: what a receiver has to read is no part of the comparison. */
const HEADERS = {
  "content-type": "application/json",
  "user-agent": "Simplane/0.1.0",
  "x-event-type": "usage",
  "webhook-id": "evt_mwu6is1s_192837465_00ecb8ff35f99003",
  "webhook-timestamp": "1795493586",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIUOJ1OE=",
};

/** The least that sends the same requests: fetch after fetch, five at a time, nothing signed, timed, checked or kept. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { url, messages }: Given = JSON.parse(await request.text());
    const bodies = messages.flatMap(({ events }) => events.map(({ body }) => body));
    let delivered = 0;
    const loop = async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
        const answer = await fetch(url, { method: "POST", headers: HEADERS, body });
        await answer.body?.cancel();
        if (answer.ok) delivered += 1;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
    return Response.json({ delivered });
  },
};
