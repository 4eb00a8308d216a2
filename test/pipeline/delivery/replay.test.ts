import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openPrimary } from "../../../src/db/client";
import { countReplay } from "../../../src/pipeline/delivery/start-replay";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";
import { retryAndStore, sentBy, unmatched } from "../../support/unmatched";

const since = "2020-01-01T00:00:00Z";

/** An account whose webhook was down while events were stored, and now is up again. */
async function givenDowntime(webhook: object = {}) {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook(webhook);
  const [sim, otherSim] = [await acme.givenSim(), await acme.givenSim()];
  const pipeline = givenPipeline();
  givenReceivers(() => new Response(null, { status: 503 }));
  await pipeline.report(
    ...Array.from({ length: 7 }, (_, index) => usageOf(sim, { id: `u${index}` })),
    validationOf(sim, { id: "v" }),
    registrationOf(otherSim),
  );
  await pipeline.storeAll();
  await pipeline.deliverAll();
  await pipeline.deliverSlow();
  const received = givenReceivers();
  async function replay(body: object, step?: number) {
    const answer = await acme.call("POST", `/webhooks/${id}/replay`, body, { env: pipeline.env });
    await pipeline.replayAll(step);
    await pipeline.deliverSlow();
    await pipeline.deliverAll();
    return answer;
  }
  const ids = () => received.splice(0).map(({ headers }) => headers.get("webhook-id") ?? "");
  return { acme, id, sim, otherSim, pipeline, replay, ids };
}

it.each([1, 4, 500])("sends again what was stored, in steps of %i", async (step) => {
  const { replay, ids } = await givenDowntime();
  expect(await replay({ since }, step)).toAnswer(202, { events: 9 });
  const sent = ids();
  expect([sent.length, new Set(sent).size]).toEqual([9, 9]);
});

it.each([1, 4, 500])("sends again what failed, in steps of %i", async (step) => {
  const { replay, ids } = await givenDowntime();
  expect(await replay({ since, status: "failed" }, step)).toAnswer(202, { events: 9 });
  expect(new Set(ids()).size).toBe(9);
  expect(await replay({ since, status: "accepted", type: "usage" })).toAnswer(202, { events: 7 });
  expect(new Set(ids()).size).toBe(7);
});

it("sends again a replacement of the network log that failed", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  const entry = registrationOf(await acme.givenSim(), { id: "n-1" });
  const pipeline = givenPipeline();
  for (const status of ["ok", "refused"]) {
    await pipeline.report({ ...entry, status });
    await pipeline.storeAll();
  }
  givenReceivers();
  await pipeline.deliverAll();
  const [kept] = await unmatched(pipeline);
  await retryAndStore(pipeline, kept.id, { as: "replacement" });
  const [replacement] = sentBy(pipeline);
  givenReceivers(() => new Response(null, { status: 503 }));
  await pipeline.deliverAll();
  const received = givenReceivers();
  const body = { since, status: "failed" };
  const answer = await acme.call("POST", `/webhooks/${id}/replay`, body, { env: pipeline.env });
  expect(answer).toAnswer(202, { events: 1 });
  await pipeline.replayAll();
  expect(received.map(({ headers }) => headers.get("webhook-id"))).toEqual([replacement?.id]);
  expect(JSON.parse(received[0]?.body ?? "null")).toEqual(replacement?.data);
});

it("only counts when it is a dry run", async () => {
  const { replay, ids } = await givenDowntime();
  expect(await replay({ since, dry_run: true })).toAnswer(200, { events: 9 });
  expect(await replay({ since, dry_run: true, status: "failed" })).toAnswer(200, { events: 9 });
  expect(ids()).toEqual([]);
});

it.each([
  [{ type: "usage" }, 7],
  [{ type: "network-registration" }, 1],
  [{ until: since }, 0],
  [{ since: "2100-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" }, 0],
])("sends what %j asks for", async (filter, events) => {
  const { replay, ids } = await givenDowntime();
  expect(await replay({ since, ...filter })).toAnswer(202, { events });
  expect(ids()).toHaveLength(events);
  expect(await replay({ since, ...filter, status: "failed" })).toAnswer(202, { events });
  expect(ids()).toHaveLength(events);
});

it("sends a SIM's events", async () => {
  const { replay, ids, otherSim } = await givenDowntime();
  expect(await replay({ since, sim_id: otherSim })).toAnswer(202, { events: 1 });
  expect(ids()).toHaveLength(1);
});

it("leaves out the types that the webhook excludes, unless asked for one", async () => {
  const { replay, ids } = await givenDowntime({ exclude_types: ["usage"] });
  expect(await replay({ since })).toAnswer(202, { events: 2 });
  expect(ids()).toHaveLength(2);
  expect(await replay({ since, type: "usage" })).toAnswer(202, { events: 7 });
  expect(ids()).toHaveLength(7);
});

it("refuses a webhook that is switched off, and another account's", async () => {
  const { acme, id, replay } = await givenDowntime();
  const other = await givenAccount();
  expect(await other.call("POST", `/webhooks/${id}/replay`, { since })).toAnswer(
    404,
    "webhook_not_found",
  );
  await acme.call("PATCH", `/webhooks/${id}`, { active: false });
  expect(await replay({ since })).toAnswer(409, "webhook_inactive");
});

it("does not replay what it sends itself", async () => {
  const { replay, ids } = await givenDowntime();
  const until = "2100-01-01T00:00:00Z";
  ids();
  givenReceivers(() => new Response(null, { status: 500 }));
  expect(await replay({ since, until, status: "failed" }, 2)).toAnswer(202, { events: 9 });
});

it("sends the event of the type that failed, where two of different types have one id", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook({ exclude_types: ["network-validation"] });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  givenReceivers(() => new Response(null, { status: 500 }));
  await pipeline.report(usageOf(sim, { id: "5" }), validationOf(sim, { id: "5" }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  const body = { since, status: "failed" };
  await acme.call("POST", `/webhooks/${id}/replay`, body, { env: pipeline.env });
  const received = givenReceivers();
  await pipeline.replayAll();
  await pipeline.deliverAll();
  expect(received.map(({ url }) => url)).toEqual(["https://receiver.acme.com/usage"]);
});

it("refuses a period that holds more than it may read", async () => {
  const { acme, id } = await givenDowntime();
  const replay = {
    webhook_id: id,
    account_id: acme.id,
    tags: null,
    since: 0,
    until: Date.now() + 1000,
    after: [0, 0] satisfies [number, number],
  };
  const db = openPrimary(env.DB);
  const failed = { ...replay, status: "failed" } as const;
  const bounds = (rows: number, bytes: number) => ({ rows, bytes });
  for (const one of [replay, failed]) {
    expect(await countReplay(db, one, bounds(9, 9 * 300))).toBe(9);
    await expect(countReplay(db, one, bounds(0, 9 * 300))).rejects.toThrow("replay_too_large");
    await expect(countReplay(db, one, bounds(9, 9 * 100))).rejects.toThrow("replay_too_large");
  }
  expect(await countReplay(db, { ...replay, until: 1 })).toBe(0);
  expect(await countReplay(db, { ...replay, until: 1, status: "failed" })).toBe(0);
});

it.each([
  [{}, "since_invalid"],
  [{ since, status: "retrying" }, "status_invalid"],
  [{ since: "x" }, "since_invalid"],
  [{ since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" }, "until_invalid"],
  [{ since, status: 500 }, "status_invalid"],
  [{ since, type: "sms" }, "type_invalid"],
  [{ since, sim_id: 1 }, "sim_id_invalid"],
  [{ since, dry_run: "yes" }, "dry_run_invalid"],
] as const)("refuses %j", async (body, code) => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook();
  expect(await acme.call("POST", `/webhooks/${id}/replay`, body)).toAnswer(400, code);
});
