import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifyWebhook, type WebhookEvent } from "../../client";
import { CLASSIC_SAMPLES, FLEET_SAMPLES } from "../../openapi/webhook-samples";
import { mintSecret, readSecret, sign } from "../../src/pipeline/delivery/sign";

const NOW_S = Math.floor(Date.now() / 1000);
const USAGE = JSON.stringify(CLASSIC_SAMPLES.usage);

interface Post {
  id?: string;
  body?: string;
  type?: string;
  signedBy?: string[];
  timestamp?: number;
  headers?: Record<string, string>;
}

/** A POST as the deployment sends it. */
async function posted({
  id = "evt_1",
  body = USAGE,
  type = "usage",
  timestamp = NOW_S,
  ...rest
}: Post = {}) {
  const keys = await Promise.all((rest.signedBy ?? [mintSecret()]).map(readSecret));
  const headers = {
    "x-event-type": type,
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await sign(keys, id, timestamp, body),
    ...rest.headers,
  };
  return { method: "POST", headers, body };
}

const request = (post: RequestInit) => new Request("https://receiver.example.com/", post);

it("gives the event of a POST that is signed", async () => {
  const secret = mintSecret();
  const event = await verifyWebhook(request(await posted({ signedBy: [secret] })), secret);
  expect(event).toEqual({
    id: "evt_1",
    sentAt: new Date(NOW_S * 1000),
    isTest: false,
    payload: "classic",
    type: "usage",
    data: CLASSIC_SAMPLES.usage,
  });
});

it("takes what the public library signs", async () => {
  const secret = mintSecret();
  const body = JSON.stringify({ sim_label: "Grønland ✓", type: "location" });
  const signature = new Webhook(secret).sign("evt_1", new Date(NOW_S * 1000), body);
  const post = await posted({ body, headers: { "webhook-signature": signature } });
  expect(await verifyWebhook(request(post), secret)).toMatchObject({ payload: "fleet" });
});

it("takes a POST of Node's http as well: headers by their names, and the body as it came", async () => {
  const secret = mintSecret();
  const { headers, body } = await posted({ signedBy: [secret] });
  const bytes = new TextEncoder().encode(body);
  for (const given of [body, bytes])
    expect((await verifyWebhook({ headers, body: given }, secret)).id).toBe("evt_1");
});

describe("while one secret takes another's place", () => {
  const [old, fresh] = [mintSecret(), mintSecret()];

  it("who has either takes what both signed", async () => {
    for (const secret of [old, fresh]) {
      const post = await posted({ signedBy: [fresh, old] });
      expect((await verifyWebhook(request(post), secret)).id).toBe("evt_1");
    }
  });

  it("who has both takes what either signed", async () => {
    for (const signer of [old, fresh]) {
      const post = await posted({ signedBy: [signer] });
      expect((await verifyWebhook(request(post), [old, fresh])).id).toBe("evt_1");
    }
  });
});

it.each([
  ["signature_wrong", { signedBy: [mintSecret()] }],
  ["signature_wrong", {}],
  ["signature_wrong", { headers: { "webhook-signature": "v1,AAAA v2,x" } }],
  ["header_missing", { headers: { "webhook-signature": "" } }],
  ["header_missing", { headers: { "webhook-id": "" } }],
  ["header_missing", { headers: { "webhook-timestamp": "" } }],
  ["too_old", { timestamp: NOW_S - 400 }],
  ["too_new", { timestamp: NOW_S + 400 }],
  ["too_old", { headers: { "webhook-timestamp": "yesterday" } }],
] satisfies [string, Post][])("refuses with %s: %o", async (reason, post) => {
  const refused = verifyWebhook(request(await posted(post)), mintSecret());
  await expect(refused).rejects.toMatchObject({ name: "WebhookVerificationError", reason });
});

it.each<Partial<Record<string, string>>>([
  { "webhook-id": "evt_2" },
  { "webhook-timestamp": String(NOW_S + 1) },
])("refuses a header that was changed: %o", async (changed) => {
  const secret = mintSecret();
  const { headers, body } = await posted({ signedBy: [secret] });
  const refused = verifyWebhook({ headers: { ...headers, ...changed }, body }, secret);
  await expect(refused).rejects.toMatchObject({ reason: "signature_wrong" });
});

it("refuses a body that was changed, by a blank or by a mark at its start", async () => {
  const secret = mintSecret();
  const { headers, body } = await posted({ signedBy: [secret] });
  for (const changed of [`${body} `, `\u{feff}${body}`])
    await expect(verifyWebhook({ headers, body: changed }, secret)).rejects.toMatchObject({
      reason: "signature_wrong",
    });
});

it.each(["no JSON", "[]", "null", '"text"'])("refuses %s, however it is signed", async (body) => {
  const secret = mintSecret();
  const refused = verifyWebhook(request(await posted({ body, signedBy: [secret] })), secret);
  await expect(refused).rejects.toMatchObject({ reason: "body_invalid" });
});

it("refuses a classic event whose header says what its body is not: only the body is signed", async () => {
  const secret = mintSecret();
  const refused = verifyWebhook(
    request(await posted({ type: "location", signedBy: [secret] })),
    secret,
  );
  await expect(refused).rejects.toMatchObject({ reason: "body_invalid" });
});

it.each(["", "whsec_", "whsec_c2hvcnQ="])("takes no secret that is none: '%s'", async (secret) => {
  const refused = verifyWebhook(request(await posted()), secret);
  await expect(refused).rejects.toThrow("too short");
});

it("passes over a secret that is not set beside one that is", async () => {
  const secret = mintSecret();
  for (const secrets of [
    ["", secret],
    [secret, ""],
    [" ", secret],
  ])
    expect((await verifyWebhook(request(await posted({ signedBy: [secret] })), secrets)).id).toBe(
      "evt_1",
    );
  await expect(verifyWebhook(request(await posted()), ["", " "])).rejects.toThrow("too short");
  await expect(verifyWebhook(request(await posted()), ["", secret])).rejects.toMatchObject({
    reason: "signature_wrong",
  });
});

it("takes a secret with blanks around it, and says of another that it is none", async () => {
  const secret = mintSecret();
  const post = () => posted({ signedBy: [secret] });
  expect((await verifyWebhook(request(await post()), ` ${secret}\n`)).id).toBe("evt_1");
  for (const wrong of [`"${secret}"`, `v1,${secret}`, `${secret.slice(0, 20)} ${secret.slice(20)}`])
    await expect(verifyWebhook(request(await post()), wrong)).rejects.toThrow(
      "not whsec_ and base64",
    );
});

it("takes an ArrayBuffer, a view of one, and bytes of another realm", async () => {
  const secret = mintSecret();
  const { headers, body } = await posted({ signedBy: [secret] });
  const bytes = new TextEncoder().encode(body);
  const longer = new Uint8Array(bytes.length + 2);
  longer.set(bytes, 1);
  class OtherRealms extends Uint8Array {
    static override [Symbol.hasInstance]() {
      return false;
    }
  }
  for (const given of [
    bytes.buffer,
    longer.subarray(1, -1),
    new OtherRealms(bytes),
    new DataView(longer.buffer, 1, bytes.length),
  ]) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const event = await verifyWebhook({ headers, body: given as Uint8Array | ArrayBuffer }, secret);
    expect(event.data).toEqual(JSON.parse(body));
  }
});

it("takes what is older where it is told to, and knows a test event", async () => {
  const secret = mintSecret();
  const post = await posted({ id: "evt_test_1", timestamp: NOW_S - 400, signedBy: [secret] });
  const event = await verifyWebhook(request(post), secret, { toleranceSeconds: 600 });
  expect(event.isTest).toBe(true);
});

it("believes no header that is not signed about what is a test", async () => {
  const secret = mintSecret();
  const headers = { "x-simplane-test": "true" };
  const event = await verifyWebhook(request(await posted({ signedBy: [secret], headers })), secret);
  expect(event.isTest).toBe(false);
});

it("refuses a classic event without a type", async () => {
  const secret = mintSecret();
  const body = JSON.stringify(CLASSIC_SAMPLES["network-validation"]);
  const refused = verifyWebhook(
    request(await posted({ type: "", body, signedBy: [secret] })),
    secret,
  );
  await expect(refused).rejects.toMatchObject({ reason: "type_missing" });
});

it("takes headers however their names are written", async () => {
  const secret = mintSecret();
  const { headers, body } = await posted({ signedBy: [secret] });
  const upper = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
  expect((await verifyWebhook({ headers: upper, body }, secret)).id).toBe("evt_1");
});

it("says so where the body was parsed before, whatever length it claims", async () => {
  const secret = mintSecret();
  const { headers } = await posted({ signedBy: [secret] });
  const body: string = JSON.parse('{"length":1000}');
  await expect(verifyWebhook({ headers, body }, secret)).rejects.toThrow("before it is parsed");
});

describe.each([
  ["classic", CLASSIC_SAMPLES],
  ["fleet", FLEET_SAMPLES],
])("payload %s", (payload, samples) => {
  it.each(Object.entries(samples))("%s", async (type, data) => {
    const secret = mintSecret();
    const post = await posted({ body: JSON.stringify(data), type, signedBy: [secret] });
    const event = await verifyWebhook(request(post), secret);
    expect(event).toMatchObject({ payload, type, data });
  });
});

/** Compiles only while each payload and type leads to the fields that it has. */
export function told(event: WebhookEvent): string {
  if (event.payload === "classic") {
    if (event.type === "usage") return event.data.upload;
    return event.type === "location" ? String(event.data.location?.lat) : event.data.sim_id;
  }
  if (event.type === "usage") return event.data.bytes.toFixed();
  return event.type === "network-authentication" ? String(event.data.network.mcc) : event.data.time;
}
