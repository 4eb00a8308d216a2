import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { fillFeed } from "../../support/filled-feed";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenQueue, givenReceivers } from "../../support/pipeline";

const since = "2020-01-01T00:00:00Z";

/** An account with a webhook and so many events in its feed. */
async function givenFeed(events: number, webhook: object = {}) {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook(webhook);
  const sim = await acme.givenSim();
  await fillFeed(acme, { rows: 1, eventsARow: events, sim });
  const pipeline = givenPipeline();
  const path = `/webhooks/${id}/replay`;
  const start = (body: object = {}) =>
    acme.call("POST", path, { since, ...body }, { env: pipeline.env });
  return { acme, id, sim, pipeline, path, start, received: givenReceivers() };
}

/** Hands over the first message that waits, as the platform does: what is retried comes again. */
async function step({ hand, replays }: ReturnType<typeof givenPipeline>, attempts = 1) {
  const message = replays.messages.shift();
  const { retried } = await hand("simplane-replays", [message], attempts);
  if (retried.length > 0) replays.messages.push(message);
  return retried.length === 0 ? "done" : "comes again";
}

/** Lets time pass until the next step of each replay is due. */
function later(minutes = 1) {
  return env.DB.prepare("UPDATE replays SET next_at = next_at - ?")
    .bind(minutes * 60_000)
    .run();
}

it("is one at a time for a webhook", async () => {
  const { acme, pipeline, start, received } = await givenFeed(3);
  expect(await start()).toAnswer(202, { events: 3 });
  expect(await start()).toAnswer(409, "replay_in_progress");
  expect(await start({ dry_run: true })).toAnswer(200, { events: 3 });
  const other = await acme.givenWebhook();
  const path = `/webhooks/${other.id}/replay`;
  expect(await acme.call("POST", path, { since }, { env: pipeline.env })).toAnswer(202, {
    events: 3,
  });
  await pipeline.replayAll();
  expect(received).toHaveLength(6);
  expect(await start()).toAnswer(202, { events: 3 });
});

it("runs for one of two calls at once", async () => {
  const { pipeline, start, received } = await givenFeed(3);
  const answers = await Promise.all([start(), start(), start()]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
  await pipeline.replayAll();
  expect(received).toHaveLength(3);
});

it("notes nothing as running where there is nothing to send", async () => {
  const { acme, path, pipeline, start } = await givenFeed(3);
  expect(await start({ sim_id: "999999999" })).toAnswer(202, { events: 0 });
  expect(pipeline.replays.messages).toEqual([]);
  expect(await acme.call("GET", path)).toAnswer(404, "replay_not_found");
});

it("shows how far it has come, and ends where its owner cancels it", async () => {
  const { acme, path, pipeline, start, received } = await givenFeed(1200);
  await start();
  expect((await acme.call("GET", path)).json).toMatchObject({ events: 1200, sent: 0 });
  expect(await step(pipeline)).toBe("done");
  expect((await acme.call("GET", path)).json).toMatchObject({ events: 1200, sent: 500 });
  const stranger = await givenAccount();
  expect(await stranger.call("GET", path)).toAnswer(404, "webhook_not_found");
  expect(await stranger.call("DELETE", path)).toAnswer(404, "webhook_not_found");
  expect((await acme.call("DELETE", path)).status).toBe(200);
  expect(await acme.call("DELETE", path)).toAnswer(404, "replay_not_found");
  await pipeline.replayAll();
  expect(received).toHaveLength(500);
});

it("keeps its rate: 100 events a second, which all replays of an account share", async () => {
  const { acme, pipeline, start } = await givenFeed(1200);
  await start();
  await step(pipeline);
  const [alone = 0] = pipeline.replays.delays.slice(-1);
  expect(alone).toBeGreaterThanOrEqual(3);
  expect(alone).toBeLessThanOrEqual(5);
  // The next step is not made before its time, however often its message comes.
  expect(await step(pipeline)).toBe("comes again");
  const other = await acme.givenWebhook();
  await acme.call("POST", `/webhooks/${other.id}/replay`, { since }, { env: pipeline.env });
  await later();
  await step(pipeline);
  const [shared = 0] = pipeline.replays.delays.slice(-1);
  expect(shared).toBeGreaterThanOrEqual(8);
  expect(shared).toBeLessThanOrEqual(10);
});

it("is sent beside fresh events, not before them", async () => {
  const { sim, pipeline, start, received } = await givenFeed(1200);
  await start();
  await step(pipeline);
  expect([pipeline.deliveries.messages, pipeline.slow.messages]).toEqual([[], []]);
  received.splice(0);
  await pipeline.report(usageOf(sim, { id: "fresh" }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.map(({ headers }) => headers.get("webhook-id"))).toEqual(["fresh"]);
});

it("sends a webhook of the slow lane a few events a minute", async () => {
  const { id, pipeline, start } = await givenFeed(100);
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow', recent = '00000' WHERE id = ?")
    .bind(id)
    .run();
  await start();
  await step(pipeline);
  const waiting = pipeline.slow.messages.flatMap((message) => Object(message).events);
  expect(waiting).toHaveLength(20);
  expect(pipeline.replays.delays.at(-1)).toBeGreaterThanOrEqual(55);
});

it("ends when its webhook is switched off or deleted between steps", async () => {
  for (const [method, body] of [
    ["PATCH", { active: false }],
    ["DELETE", undefined],
  ] as const) {
    const { acme, id, path, pipeline, start, received } = await givenFeed(1200);
    await start();
    await step(pipeline);
    await acme.call(method, `/webhooks/${id}`, body);
    await later();
    expect(await step(pipeline)).toBe("done");
    expect([received.length, pipeline.replays.messages]).toEqual([500, []]);
    const gone = method === "DELETE" ? "webhook_not_found" : "replay_not_found";
    expect(await acme.call("GET", path)).toAnswer(404, gone);
  }
});

it("goes on where it was when a queue refuses its next step", async () => {
  const { pipeline, start, received } = await givenFeed(1200);
  await start();
  const [first] = pipeline.replays.messages.splice(0);
  const REPLAYS = { ...givenQueue(), send: () => Promise.reject(new Error("the test says no")) };
  expect(await pipeline.hand("simplane-replays", [first], 1, { REPLAYS })).toMatchObject({
    retried: ["0"],
  });
  pipeline.replays.messages.push(first);
  await later();
  await pipeline.replayAll();
  const ids = received.map(({ headers }) => headers.get("webhook-id"));
  expect([ids.length, new Set(ids).size]).toEqual([1200, 1200]);
});

it("makes a step again when the one that made it died, and never two at once", async () => {
  const { pipeline, start, received } = await givenFeed(1200);
  await start();
  // As a step leaves it that was claimed and never ended.
  await env.DB.prepare("UPDATE replays SET next_at = ?")
    .bind(Date.now() + 600_000)
    .run();
  expect(await step(pipeline)).toBe("comes again");
  expect(received).toEqual([]);
  await later(11);
  await pipeline.replayAll();
  expect(received).toHaveLength(1200);
});

it("blocks no other where its message was lost", async () => {
  const { pipeline, start, received } = await givenFeed(1200);
  await start();
  await step(pipeline);
  const [lost] = pipeline.replays.messages.splice(0);
  expect(await start()).toAnswer(409, "replay_in_progress");
  await later(16);
  expect(await start()).toAnswer(202, { events: 1200 });
  received.splice(0);
  // The message of the one before makes no step of this one.
  pipeline.replays.messages.unshift(lost);
  expect(await step(pipeline)).toBe("done");
  expect(received).toEqual([]);
  await pipeline.replayAll();
  expect(received).toHaveLength(1200);
});

it("counts an event once, however often the log has it", async () => {
  const { sim, pipeline, start } = await givenFeed(0);
  givenReceivers(() => new Response(null, { status: 500 }));
  await pipeline.report(usageOf(sim, { id: "one" }), usageOf(sim, { id: "two" }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(await start({ status: "failed", dry_run: true })).toAnswer(200, { events: 2 });
  await start({ status: "failed" });
  await pipeline.replayAll();
  expect(await start({ status: "failed", dry_run: true })).toAnswer(200, { events: 2 });
});

it("counts towards the limits of its account: a call for each 1,000 events", async () => {
  const { start } = await givenFeed(5000);
  const left = async (body: object) =>
    Number((await start(body)).headers.get("x-ratelimit-remaining"));
  const before = await left({ dry_run: true });
  expect(before - (await left({}))).toBe(5);
});

it("sends all of 10,000 events, each once", async () => {
  const { acme, sim, pipeline, start, received } = await givenFeed(0);
  await fillFeed(acme, { rows: 100, eventsARow: 100, sim });
  expect(await start()).toAnswer(202, { events: 10_000 });
  await pipeline.replayAll();
  const ids = received.map(({ headers }) => headers.get("webhook-id"));
  expect([ids.length, new Set(ids).size]).toEqual([10_000, 10_000]);
});
