import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { iccidOf } from "../../../src/api/sims/iccid";
import { classicTime } from "../../../src/platform/time";
import { callAsOperator } from "../../support/call";
import type { GivenAccount } from "../../support/given-account";
import { givenNorth } from "../../support/given-north";
import { failingD1, givenPipeline, type Pipeline } from "../../support/pipeline";
import { sentBy, unmatched } from "../../support/unmatched";
import { fleetPagesOf, fleetUsageOf, pagesOf, usageOf } from "../../api/usage/given-usage";
import { isCorrection, type Message, PlainAccount, type Report, textOf } from "./plain-account";

const RUNS = 30;
const NOW = Date.UTC(2026, 2, 20, 12);
const MONTHS = ["2026-02", "2026-03"];
const GROUPS = ["hours", "days", "months", "sim", "country", "network"] as const;

const BESIDE = {
  sim: fc.nat(1),
  time: fc.constantFrom(
    "2026-02-28T23:59:59.000Z",
    "2026-03-05T10:00:00.000Z",
    "2026-03-05T10:59:30.000Z",
    "2026-03-09T08:00:00.000Z",
  ),
  bill_id: fc.constantFrom("bill-1", "bill-1", "bill-2"),
  session_id: fc.constantFrom(undefined, undefined, "session-1"),
};
const COUNTED = {
  country_code: fc.constantFrom("dk", "se", null),
  network: fc.constantFrom(undefined, { mcc: "238", mnc: "01" }, { mcc: "240", mnc: "07" }),
  upload: fc.nat(9).map((n) => n * 1000),
  download: fc.nat(9),
};

const record = fc.record({
  kind: fc.constant("record" as const),
  ...BESIDE,
  ...COUNTED,
  id: fc.constantFrom(undefined, "u-1", "u-2", "u-3", "c-1"),
});
const correction = fc.record({
  kind: fc.constant("correction" as const),
  ...BESIDE,
  ...COUNTED,
  id: fc.constantFrom(undefined, "c-1", "c-2", "c-3", "u-1"),
  /** An id, or the place of an event in the feed. */
  replaces: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom("u-1", "u-2", "c-1", "c-2") },
    { weight: 1, arbitrary: fc.nat(20) },
  ),
});
/** An earlier report once more, as it was or with another content. */
const again = fc.record({
  kind: fc.constant("again" as const),
  of: fc.nat(40),
  changes: fc.oneof(
    fc.constant({}),
    // By one field alone, so that none can be left out of the comparison.
    fc.record({ country_code: COUNTED.country_code }),
    fc.record({ network: COUNTED.network }),
    fc.record({ upload: COUNTED.upload }),
    fc.record(COUNTED),
  ),
});
const decision = fc.record({
  kind: fc.constant("decision" as const),
  row: fc.nat(20),
  as: fc.constantFrom("another" as const, "replacement" as const, undefined),
});
const reports = fc.oneof(
  { weight: 4, arbitrary: record },
  { weight: 3, arbitrary: correction },
  { weight: 3, arbitrary: again },
);
const step = fc.record({
  messages: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.array(reports, { minLength: 1, maxLength: 4 }) },
      { weight: 2, arbitrary: decision },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  /** Batches of D1 that are refused, before or after they were done. */
  fails: fc.option(fc.record({ call: fc.integer({ min: 1, max: 8 }), late: fc.boolean() })),
  isDeliveredTwice: fc.boolean(),
});
type Of<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Of<typeof step>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

it("counts what a plain list of reports, corrections and decisions counts", async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 8 }),
    async (steps) => {
      await env.DB.prepare("DELETE FROM unmatched_events").run();
      const north = await givenNorth();
      await north.acme.givenWebhook();
      const sims = [await north.givenTagged([north.north]), await north.givenTagged([])];
      const world = {
        ...north,
        sims,
        pipeline: givenPipeline(),
        model: new PlainAccount(),
        said: [],
      };
      for (const one of steps) await take(world, one);
      await expectRecords(world);
      await expectTotals(world);
      await expectTold(world);
    },
  );
  await fc.assert(property, {
    numRuns: RUNS,
    seed: 20_261_128,
    // Ends the search for a smaller counterexample.
    interruptAfterTimeLimit: 60_000,
  });
});

interface World extends Awaited<ReturnType<typeof givenNorth>> {
  sims: string[];
  pipeline: Pipeline;
  model: PlainAccount;
  /** All that was reported so far. */
  said: Report[];
}

async function take(world: World, { messages, fails, isDeliveredTwice }: Step): Promise<void> {
  const { pipeline, model } = world;
  const bodies: unknown[] = [];
  const plain: Message[] = [];
  for (const message of messages) {
    const one = Array.isArray(message)
      ? { events: await reportsOf(world, message) }
      : await decided(world, message, plain);
    if (!one) continue;
    plain.push(one);
    bodies.push(...(Array.isArray(message) ? [one] : pipeline.events.messages.splice(0)));
  }
  const before = new Set(model.unmatched.keys());
  await model.take(plain);
  const DB = failingD1((call) => call === fails?.call, { late: fails?.late ?? false });
  const { retried } = await pipeline.hand("simplane-events", bodies, 1, { DB });
  if (retried.length > 0) {
    await pipeline.hand("simplane-events", bodies, 2);
    // The second try finds what the first one made: it may take a report for a repeat that was none, or for a conflict.
    const kept = new Map((await rowsOf(world)).map((row) => [textOf(row.event), row.reason]));
    for (const [key, row] of model.unmatched) {
      const reason = kept.get(key);
      if (reason !== undefined) row.reason = reason;
      else if (!before.has(key)) model.unmatched.delete(key);
    }
  }
  if (!isDeliveredTwice) return;
  await pipeline.hand("simplane-events", bodies, 2);
  await model.take(plain);
}

async function reportsOf(world: World, some: readonly Of<typeof reports>[]) {
  const events: Report[] = [];
  for (const one of some) {
    const report = await reportOf(world, one);
    if (!report) continue;
    events.push(report);
    world.said.push(report);
  }
  return events;
}

async function reportOf(
  { acme, sims, said }: World,
  given: Of<typeof reports>,
): Promise<Report | undefined> {
  if (given.kind === "again") {
    const of = said[given.of % said.length];
    return of && { ...of, ...given.changes };
  }
  const { kind, sim, ...rest } = given;
  const base = { type: "usage" as const, ...rest, sim_id: sims[sim] ?? "" };
  if (kind === "record") return { ...base, operation: "update", replaces: undefined };
  const { replaces } = given;
  if (typeof replaces === "string") return { ...base, operation: "correct", replaces };
  const { events } = (await acme.call("GET", "/events")).json;
  const named = events[replaces % events.length];
  return named && { ...base, sim_id: named.data.sim_id, operation: "correct", replaces: named.id };
}

/** What the operator's decision puts on the queue. */
async function decided(
  { pipeline, model }: World,
  { row, as }: Of<typeof decision>,
  before: readonly Message[],
): Promise<Message | undefined> {
  const rows = await rowsOf({ pipeline });
  const one = rows.toSorted((a, b) => (textOf(a.event) < textOf(b.event) ? -1 : 1))[
    row % rows.length
  ];
  // Of several decisions of one row in one batch, the row has the reason of any.
  if (!one || before.some((message) => message.row === textOf(one.event))) return undefined;
  const path = `/operator/events/unmatched/${one.id}/retry`;
  const body = as && { as };
  const answer = await callAsOperator("POST", path, body, { env: pipeline.env });
  const key = textOf(one.event);
  if (as && model.unmatched.get(key)?.reason !== "id_conflict") {
    expect(answer).toAnswer(400, "as_invalid");
    return undefined;
  }
  expect(answer.status).toBe(202);
  return { events: [one.event], as, row: key };
}

async function rowsOf({ pipeline }: Pick<World, "pipeline">) {
  const rows: { id: string; reason: string; event: Report }[] = await unmatched(pipeline);
  return rows;
}

async function expectRecords({ acme, model }: World): Promise<void> {
  const period = { time_begin: "2026-02-01", time_end: "2026-04-01" };
  const classic = model.records.map(shown);
  expect(sorted((await pagesOf(acme, { ...period, limit: "3" })).flat())).toEqual(sorted(classic));
  const { upload, download } = (await usageOf(acme, period)).json;
  expect({ upload, download }).toEqual(sumsOf(model.records).text);
  const fleet = model.records.map((one) => ({
    ...shown(one),
    iccid: iccidOf(one.sim_id),
    session_id: one.session_id ?? null,
    bytes: one.upload + one.download,
    network_type: null,
    network: { mcc: one.network?.mcc ?? null, mnc: one.network?.mnc ?? null },
  }));
  const pages = await fleetPagesOf(acme, "/usage", ["time:2026"], { limit: "3" });
  expect(sorted(pages.flat())).toEqual(sorted(fleet));
}

async function expectTotals(world: World): Promise<void> {
  const { acme, key, sims, model, north } = world;
  const tagged = model.records.filter(({ sim_id }) => sim_id === sims[0]);
  for (const group of GROUPS) {
    await expectGroups({ ...world, acme, group, path: "/usage", of: model.records });
    await expectGroups({ ...world, acme: { ...acme, ...key }, group, path: "/usage", of: tagged });
    await expectGroups({ ...world, acme, group, path: `/usage/${sims[0]}`, of: tagged });
  }
  const total = (await fleetUsageOf(acme, `/usage/tag-total/${north}`, ["time:2026"])).json;
  expect(total).toMatchObject({ ...sumsOf(tagged).text, records: tagged.length });
  for (const month of MONTHS) {
    vi.setSystemTime(month === "2026-02" ? Date.UTC(2026, 1, 28, 23, 59, 59, 500) : NOW);
    for (const sim of sims) {
      const of = model.records.filter((one) => one.sim_id === sim && one.time.startsWith(month));
      expect((await acme.call("GET", `/sims/${sim}`)).json.usage).toBe(sumsOf(of).bytes);
    }
  }
  vi.setSystemTime(NOW);
}

async function expectGroups({
  acme,
  group,
  path,
  of,
}: {
  acme: GivenAccount;
  group: (typeof GROUPS)[number];
  path: string;
  of: readonly Report[];
}): Promise<void> {
  const found = (await fleetPagesOf(acme, path, ["time:2026"], { group, limit: "2" })).flat();
  const groups = Map.groupBy(of, (one) => JSON.stringify(nameOf(group, one)));
  const expected = [...groups].map(([name, some]) => {
    const { bytes, text } = sumsOf(some);
    return { ...JSON.parse(name), bytes, ...text, records: some.length };
  });
  // A SIM is listed with nothing, too.
  expect(sorted(found.filter(({ records }) => records !== 0))).toEqual(sorted(expected));
}

function nameOf(group: (typeof GROUPS)[number], one: Report): object {
  const { sim_id, time, country_code, network } = one;
  const { mcc = null, mnc = null } = network ?? {};
  const names = {
    hours: { time: `${time.slice(0, 10)} ${time.slice(11, 13)}:00:00` },
    days: { time: `${time.slice(0, 10)} 00:00:00` },
    months: { time: `${time.slice(0, 7)}-01 00:00:00` },
    sim: { sim_id, iccid: iccidOf(sim_id) },
    country: { country_code },
    network: { country_code, network: { mcc, mnc } },
  };
  return names[group];
}

async function expectTold(world: World): Promise<void> {
  const { acme, model, pipeline } = world;
  const { events } = (await acme.call("GET", "/events")).json;
  const feed = model.feed.map((one) => ({
    id: one.id,
    type: "usage",
    ...(isCorrection(one) && { replaces: one.replaces }),
    data: shown(one),
  }));
  expect(sorted(events)).toEqual(sorted(feed));
  // A webhook may be sent an event twice, since a message may be tried again.
  const sent = new Set(sentBy(pipeline).map(({ id }) => id));
  expect([...sent].toSorted()).toEqual([...new Set(feed.map(({ id }) => id))].toSorted());
  const rows = (await rowsOf(world)).map(({ reason, event }) => `${reason} ${textOf(event)}`);
  const expected = [...model.unmatched.values()].map((row) => `${row.reason} ${textOf(row.event)}`);
  expect(rows.toSorted()).toEqual(expected.toSorted());
}

/** A record as the specification shows it. */
function shown(one: Report) {
  const { time, bill_id, sim_id, country_code, operation, upload, download } = one;
  return {
    time: classicTime(Date.parse(time)),
    bill_id,
    sim_id,
    country_code,
    operation,
    upload: String(upload),
    download: String(download),
  };
}

function sumsOf(some: readonly Report[]) {
  const sum = (field: "upload" | "download") => some.reduce((all, one) => all + one[field], 0);
  const [upload, download] = [sum("upload"), sum("download")];
  return { bytes: upload + download, text: { upload: String(upload), download: String(download) } };
}

/** As text, with the names of each in order. */
function sorted(rows: readonly object[]): string[] {
  return rows
    .map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(byName))))
    .toSorted();
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
