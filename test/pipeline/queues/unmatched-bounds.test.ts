import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openPrimary } from "../../../src/db/client";
import { keepAside } from "../../../src/pipeline/queues/unmatched";
import { removeUnmatched } from "../../../src/pipeline/queues/unmatched-pages";
import { removeOld } from "../../../src/pipeline/retention";
import { callAsOperator } from "../../support/call";
import { countingD1 } from "../../support/counting";
import { usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

const DAY = 86_400_000;
const PATH = "/operator/events/unmatched";

async function unmatched(query = "") {
  return (await callAsOperator("GET", `${PATH}${query}`)).json;
}

async function healthOf() {
  return (await callAsOperator("GET", "/operator/health")).json.unmatched;
}

/** Reports usage of a SIM that no account has. */
async function givenUnknown(sim: string, events: number, pipeline = givenPipeline()) {
  for (let from = 0; from < events; from += 500) {
    const ids = Array.from(
      { length: Math.min(500, events - from) },
      (_, n) => `${sim}-${from + n}`,
    );
    await pipeline.report(...ids.map((id) => usageOf(sim, { id, bill_id: id })));
    await pipeline.storeAll();
  }
  return pipeline;
}

it("removes what is kept aside after UNMATCHED_DAYS, and says how much", async () => {
  await givenUnknown("900000001", 3);
  expect(await removeOld(env, Date.now() + 89 * DAY)).toMatchObject({ unmatched_events: 0 });
  const longer = { ...env, UNMATCHED_DAYS: "200" };
  expect(await removeOld(longer, Date.now() + 91 * DAY)).toMatchObject({ unmatched_events: 0 });
  expect(await removeOld(env, Date.now() + 91 * DAY)).toMatchObject({ unmatched_events: 3 });
  expect((await unmatched()).events).toEqual([]);
  expect(await healthOf()).toMatchObject({ waiting: 0, bytes: 0, expired: 3, dropped: 0 });
});

it("keeps 2,000 events of a SIM that no account has, and counts the others", async () => {
  const pipeline = await givenUnknown("900000001", 2000);
  await givenUnknown("900000001", 2010, pipeline);
  await givenUnknown("900000002", 5, pipeline);
  expect(await healthOf()).toMatchObject({ waiting: 2005, dropped: 10 });
  // Room is made again by what is removed or stored.
  const { json } = await callAsOperator("DELETE", `${PATH}?sim_id=900000001&limit=600`);
  expect(json).toMatchObject({ removed: 600, pagination: { has_more: true } });
  await givenUnknown("900000001", 2010, pipeline);
  expect(await healthOf()).toMatchObject({ waiting: 2005, dropped: 20 });
});

it("leaves room for other SIMs, and for what is no SIM's, when some have filled it", async () => {
  const pipeline = await givenUnknown("900000001", 150);
  const fill = (bytes: number) =>
    env.DB.prepare("UPDATE unmatched_use SET bytes = ? WHERE sim_id = ''").bind(bytes).run();
  await fill(400_000_000);
  await givenUnknown("900000001", 151, pipeline);
  await givenUnknown("900000002", 1, pipeline);
  expect(await healthOf()).toMatchObject({ waiting: 151, dropped: 1 });
  await fill(800_000_000);
  await givenUnknown("900000003", 1, pipeline);
  const keep = (value: string) =>
    keepAside(openPrimary(env.DB), "events", [{ reason: "dead_lettered", value }]);
  await keep("kept");
  expect(await healthOf()).toMatchObject({ waiting: 152, dropped: 2 });
  await fill(1_000_000_000);
  await keep("dropped");
  expect(await healthOf()).toMatchObject({ waiting: 152, dropped: 3 });
});

it("keeps count when events leave, however they do", async () => {
  const acme = await givenAccount();
  const pipeline = await givenUnknown("900000001", 10);
  await givenUnknown("900000002", 10, pipeline);
  await env.DB.prepare(
    "INSERT INTO sims (id, account_id, active, created_at) VALUES ('900000002', ?, 1, 0) ON CONFLICT DO NOTHING",
  )
    .bind(acme.id)
    .run();
  await callAsOperator("POST", `${PATH}/retry`, { sim_id: "900000002" }, { env: pipeline.env });
  await pipeline.storeAll();
  const [{ id }] = (await unmatched()).events;
  expect((await callAsOperator("DELETE", `${PATH}/${id}`)).status).toBe(200);
  expect(await callAsOperator("DELETE", `${PATH}/${id}`)).toAnswer(404, "unmatched_not_found");
  const { results } = await env.DB.prepare(
    "SELECT sim_id, events FROM unmatched_use ORDER BY 1",
  ).all();
  expect(results).toEqual([
    { sim_id: "", events: 9 },
    { sim_id: "900000001", events: 9 },
  ]);
});

it("removes by SIM and reason, and never all without either", async () => {
  const pipeline = await givenUnknown("900000001", 3);
  await givenUnknown("900000002", 2, pipeline);
  await keepAside(openPrimary(env.DB), "events", [
    { reason: "time_invalid", value: { sim_id: "900000001" } },
  ]);
  const remove = async (query: string) => (await callAsOperator("DELETE", `${PATH}${query}`)).json;
  expect(await callAsOperator("DELETE", PATH)).toAnswer(400, "reason_invalid");
  expect(await remove("?sim_id=900000001&reason=time_invalid")).toMatchObject({ removed: 1 });
  expect(await remove("?sim_id=900000001")).toMatchObject({ removed: 3 });
  expect(await remove("?reason=sim_not_found&limit=1")).toMatchObject({
    removed: 1,
    pagination: { has_more: true },
  });
  expect(await remove("?reason=sim_not_found")).toMatchObject({
    removed: 1,
    pagination: { has_more: false },
  });
  expect((await unmatched()).events).toEqual([]);
});

it("ends pages, and what one call removes, by bytes too", async () => {
  const text = "x".repeat(100_000);
  const values = Array.from({ length: 60 }, (_, n) => ({
    reason: "message_invalid" as const,
    value: `${n}${text}`,
  }));
  for (let from = 0; from < 60; from += 15)
    await keepAside(openPrimary(env.DB), "events", values.slice(from, from + 15));
  const lengths: number[] = [];
  const sizes: number[] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const page = await callAsOperator("GET", `${PATH}?limit=100${next && `&next_page=${next}`}`);
    sizes.push(page.text.length);
    lengths.push(...page.json.events.map(({ event }: { event: string }) => event.length));
    next = page.json.pagination.next_page;
  }
  expect(lengths).toEqual(values.map(({ value }) => value.length));
  expect(Math.max(...sizes)).toBeLessThan(4_200_000);
  const db = openPrimary(env.DB);
  const removed = [];
  for (let after: number | undefined; removed.length < 10;) {
    const some = await removeUnmatched(
      db,
      { reason: "message_invalid" },
      { limit: 1000, after, bytes: 2_500_000 },
    );
    removed.push(some.removed);
    if (!some.pagination.has_more) break;
  }
  expect(removed).toEqual([25, 25, 10]);
});

it("finds a SIM's events, and those of a reason, by reading a bounded part of what is kept aside", async () => {
  const pipeline = await givenUnknown("900000001", 5);
  const rows = JSON.stringify(Array.from({ length: 12_000 }, (_, n) => n));
  await env.DB.prepare(
    `INSERT INTO unmatched_events (identity, queue, reason, event, received_at)
     SELECT 'i' || value, 'events', 'time_invalid', '{"sim_id":"900000009"}', 1 FROM json_each(?)`,
  )
    .bind(rows)
    .run();
  await givenUnknown("900000001", 8, pipeline);
  const { counts, d1 } = countingD1();
  const retry = (body: object) =>
    callAsOperator("POST", `${PATH}/retry`, body, { env: { ...pipeline.env, DB: d1 } });
  expect((await retry({ sim_id: "900000001" })).json).toMatchObject({
    retried: 8,
    pagination: { has_more: false },
  });
  expect(counts.rowsRead).toBeLessThan(100);
  const answer = await retry({ reason: "dead_lettered" });
  expect(answer.json).toMatchObject({ retried: 0, pagination: { has_more: true } });
  expect(counts.rowsRead).toBeLessThan(25_000);
});

it("does not try again what is too large for a queue, and says so", async () => {
  const pipeline = givenPipeline();
  const value = "x".repeat(127_990);
  await keepAside(openPrimary(env.DB), "events", [{ reason: "message_invalid", value }]);
  const [{ id }] = (await unmatched()).events;
  const retry = (path: string, body?: object) =>
    callAsOperator("POST", `${PATH}/${path}`, body, { env: pipeline.env });
  expect(await retry(`${id}/retry`)).toAnswer(409, "unmatched_not_retriable");
  expect((await retry("retry", { reason: "message_invalid" })).json).toMatchObject({ retried: 0 });
  expect(pipeline.events.messages).toEqual([]);
});

it("tries messages that are no events again only where their reason is named", async () => {
  const pipeline = givenPipeline();
  await keepAside(openPrimary(env.DB), "events", [
    { reason: "message_invalid", value: "no event" },
    { reason: "dead_lettered", value: usageOf("900000001") },
  ]);
  const retried = async (body: object) =>
    (await callAsOperator("POST", `${PATH}/retry`, body, { env: pipeline.env })).json.retried;
  expect(await retried({})).toBe(1);
  expect(await retried({ reason: "message_invalid" })).toBe(1);
});

it("counts the bytes of a conflict with both of its contents", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  for (const [reason, upload] of [
    ["r".repeat(200), 1],
    ["s", 2],
    ["s", 3],
  ]) {
    await pipeline.report(usageOf(sim, { id: "u-1", reason, upload }));
    await pipeline.storeAll();
  }
  const own =
    "SELECT sum(octet_length(event) + octet_length(stored) + 200) AS n FROM unmatched_events";
  expect(await healthOf()).toMatchObject({ bytes: await env.DB.prepare(own).first("n") });
  // The first report again, as a conflict with another content: the stored one is the shorter now.
  const [{ id }] = (await unmatched()).events;
  await callAsOperator("POST", `${PATH}/${id}/retry`, { as: "replacement" }, { env: pipeline.env });
  await pipeline.storeAll();
  await callAsOperator("POST", `${PATH}/retry`, { reason: "id_conflict" }, { env: pipeline.env });
  await pipeline.storeAll();
  expect(await healthOf()).toMatchObject({ bytes: await env.DB.prepare(own).first("n") });
  const page = await unmatched();
  expect(page.events).toMatchObject([{ stored: { upload: 2 } }]);
  await callAsOperator("DELETE", `${PATH}/${page.events[0].id}`);
  expect(await healthOf()).toMatchObject({ bytes: 0, waiting: 0 });
});
