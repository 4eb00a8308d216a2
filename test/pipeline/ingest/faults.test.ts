import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Env } from "../../../src/platform/env";
import { usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import {
  d1Beside,
  failingD1,
  type GivenQueue,
  givenPipeline,
  givenQueue,
  givenReceivers,
  type Pipeline,
} from "../../support/pipeline";
import { sentBy, unmatched } from "../../support/unmatched";

const SIMS = 3;
const EVENTS_A_SIM = 40;
const MESSAGES = 6;

/** An account with two webhooks, and messages of the `events` queue that hold all its events. */
async function givenReports() {
  const acme = await givenAccount();
  await acme.givenWebhook({ url: "https://one.acme.com/" });
  await acme.givenWebhook({ url: "https://two.acme.com/" });
  const events: object[] = [];
  for (let sims = 0; sims < SIMS; sims += 1) {
    const sim = await acme.givenSim();
    for (let event = 0; event < EVENTS_A_SIM; event += 1)
      events.push(event % 4 === 0 ? validationOf(sim, timeOf(event)) : usageOf(sim, timeOf(event)));
  }
  const size = events.length / MESSAGES;
  const messages = Array.from({ length: MESSAGES }, (_, index) => ({
    events: events.slice(index * size, (index + 1) * size),
  }));
  return { acme, messages };
}

function timeOf(event: number) {
  return { time: new Date(Date.UTC(2026, 2, 1, 20, 15 * event)).toISOString() };
}

/** Plays the queue: hands the messages over, and over again those that come back, as often as the real one would. */
async function drain(pipeline: Pipeline, messages: readonly unknown[], changes: Partial<Env>) {
  let waiting = [...messages];
  for (let attempts = 1; waiting.length > 0; attempts += 1) {
    expect(attempts).toBeLessThan(100);
    const { retried } = await pipeline.hand("simplane-events", waiting, attempts, changes);
    waiting = waiting.filter((_, index) => retried.includes(String(index)));
  }
}

/** Every event is stored once, the totals are the sums of the records, and both endpoints were called for each. */
async function expectAllWell(pipeline: Pipeline) {
  const first = (sql: string) => env.DB.prepare(sql).first();
  const usage = (SIMS * EVENTS_A_SIM * 3) / 4;
  const sums = "sum(upload) AS upload, sum(download) AS download";
  const expected = { records: usage, upload: 10 * usage, download: 100 * usage };
  expect(await first(`SELECT count(*) AS records, ${sums} FROM usage_records`)).toEqual(expected);
  for (const table of ["usage_days", "account_days"])
    expect(await first(`SELECT sum(records) AS records, ${sums} FROM ${table}`)).toEqual(expected);
  const minutes = "SELECT count(*) AS n FROM usage_days CROSS JOIN json_each(minutes)";
  expect(await first(minutes)).toEqual({ n: usage });
  const all = SIMS * EVENTS_A_SIM;
  expect(await first("SELECT count(*) AS n FROM network_log")).toEqual({ n: all - usage });
  const feed =
    "SELECT count(*) AS n, count(DISTINCT value) AS d FROM event_feed, json_each(events)";
  expect(await first(feed)).toEqual({ n: all, d: all });

  const received = givenReceivers();
  while (pipeline.deliveries.messages.length > 0) await pipeline.deliverAll();
  // The other lane's queue has what the fast one refused.
  while (pipeline.slow.messages.length > 0) await pipeline.deliverSlow();
  for (const host of ["one", "two"]) {
    const calls = received.filter(({ url }) => url === `https://${host}.acme.com/`);
    expect(new Set(calls.map(({ headers }) => headers.get("webhook-id"))).size).toBe(all);
  }
  return received.length / 2;
}

it.each([
  ["the first", (call: number) => call === 1],
  ["the third", (call: number) => call === 3],
  ["every other", (call: number) => call % 2 === 1],
])("loses nothing and counts nothing twice when D1 refuses %s batch", async (_, refuses) => {
  for (const late of [false, true]) {
    const pipeline = givenPipeline();
    const { messages } = await givenReports();
    for (const half of [messages.slice(0, 3), messages.slice(3)])
      await drain(pipeline, half, { DB: failingD1(refuses, { late }) });
    await expectAllWell(pipeline);
    await clear();
  }
});

it.each([1, 2, 3])(
  "misses no endpoint when the queue refuses call %i of the fan-out",
  async (stopAt) => {
    const pipeline = givenPipeline();
    const { messages } = await givenReports();
    await drain(pipeline, messages, { DELIVERIES: stoppingQueue(pipeline.deliveries, stopAt) });
    await expectAllWell(pipeline);
  },
);

it("takes a message that is delivered three times for one", async () => {
  const pipeline = givenPipeline();
  const { messages } = await givenReports();
  await drain(pipeline, [...messages, ...messages], {});
  await drain(pipeline, messages, {});
  const calls = await expectAllWell(pipeline);
  expect(calls).toBe(SIMS * EVENTS_A_SIM);
});

it("takes side by side what is delivered twice at once for one", async () => {
  const pipeline = givenPipeline();
  const { messages } = await givenReports();
  await Promise.all([1, 2, 3].map(() => drain(pipeline, messages, {})));
  const calls = await expectAllWell(pipeline);
  expect(calls).toBe(SIMS * EVENTS_A_SIM);
});

it("stores 99 good messages whatever the hundredth is", async () => {
  const pipeline = givenPipeline();
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const good = Array.from({ length: 99 }, () => ({ events: [usageOf(sim)] }));
  const { acked } = await pipeline.hand("simplane-events", [
    ...good.slice(0, 50),
    { events: { toJSON: "poison" } },
    ...good.slice(50),
  ]);
  expect(acked).toHaveLength(100);
  const { n } =
    (await env.DB.prepare("SELECT count(*) AS n FROM usage_records").first<{ n: number }>()) ?? {};
  expect(n).toBe(99);
});

/** A queue whose call of this number fails, once. */
function stoppingQueue(queue: GivenQueue, stopAt: number): Queue {
  let calls = 0;
  return {
    ...givenQueue(),
    sendBatch(messages, options) {
      calls += 1;
      if (calls === stopAt) return Promise.reject(new Error("the test stops it"));
      return queue.sendBatch(messages, options);
    },
  };
}

async function clear() {
  for (const table of ["usage_records", "usage_days", "account_days", "network_log", "event_feed"])
    await env.DB.prepare(`DELETE FROM ${table}`).run();
  await env.DB.prepare("DELETE FROM webhooks").run();
}

it("an event whose SIM is deleted right after it was stored is sent, and not kept aside", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const known = usageOf(sim, { id: "known" });
  await pipeline.report(known);
  await pipeline.storeAll();
  const DB = d1Beside("after", 1, async () => {
    expect(await acme.call("DELETE", `/sim?id=${sim}`)).toAnswer(200);
  });
  const message = { events: [known, usageOf(sim, { id: "fresh" })] };
  await pipeline.hand("simplane-events", [message], 1, { DB });
  expect(await acme.call("GET", `/sim?id=${sim}`)).toAnswer(404, "sim_not_found");
  expect(await unmatched(pipeline)).toEqual([]);
  expect(sentBy(pipeline).map(({ id }) => id)).toEqual(["known", "fresh"]);
});
