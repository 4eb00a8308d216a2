import { expect, it } from "vitest";
import { report, usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually, givenReceiver } from "../support/receiver";
import { listIn, objectIn } from "../support/request";

it.concurrent("tries again, about five seconds later, what a retrying webhook's endpoint could not take", async () => {
  const acme = await givenAccount();
  const times: number[] = [];
  const receiver = await givenReceiver((response) => {
    times.push(Date.now());
    response.writeHead(times.length === 1 ? 503 : 200).end();
  });
  const { id } = await acme.givenWebhook(receiver.url, { retry: "standard" });
  await report(usageOf(await acme.givenSim()));

  await eventually(() => expect(receiver.calls).toHaveLength(2));
  const [first = 0, second = 0] = times;
  // 5 s, up to a fifth earlier or later; then it may wait for its turn in the queue.
  expect(second - first).toBeGreaterThan(3_900);
  expect(second - first).toBeLessThan(30_000);
  const [call, again] = receiver.calls;
  expect(again).toMatchObject({
    text: call?.text,
    headers: { "webhook-id": call?.headers["webhook-id"] },
  });

  const event_id = call?.headers["webhook-id"];
  await eventually(async () =>
    expect(await acme.deliveriesTo(id)).toMatchObject([
      { event_id, attempt: 2, status: "accepted", response_status: 200 },
      { event_id, attempt: 1, status: "retrying", response_status: 503 },
    ]),
  );
});

it.concurrent("switches a retrying webhook off that answers 410, until it is switched on again", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  let gone = true;
  const receiver = await givenReceiver((response) => response.writeHead(gone ? 410 : 200).end());
  const { id } = await acme.givenWebhook(receiver.url, { retry: "standard" });

  await report(usageOf(sim_id, { bill_id: "gone" }));
  await eventually(async () =>
    expect(objectIn(await acme.call("GET", `/webhooks/${id}`))).toMatchObject({
      active: false,
      disabled_at: expect.stringMatching(/^20/),
      disabled_reason: "gone",
    }),
  );
  expect(await acme.deliveriesTo(id)).toMatchObject([{ status: "failed", response_status: 410 }]);
  const replay = { since: "2026-01-01 00:00:00" };
  expect(await acme.call("POST", `/webhooks/${id}/replay`, replay)).toMatchObject({
    status: 409,
    text: '{"error":"webhook_inactive"}',
  });
  await report(usageOf(sim_id, { bill_id: "while off" }));
  await eventually(async () =>
    expect(listIn(await acme.call("GET", "/events"), "events")).toHaveLength(2),
  );

  gone = false;
  expect(objectIn(await acme.call("PATCH", `/webhooks/${id}`, { active: true }))).toMatchObject({
    active: true,
    disabled_at: null,
    disabled_reason: null,
  });
  await report(usageOf(sim_id, { bill_id: "back" }));
  await eventually(() => expect(receiver.calls).toHaveLength(2));
  expect(receiver.calls[1]?.text).toContain('"bill_id":"back"');
});
