import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { MARCH, usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, type Pipeline } from "../../support/pipeline";
import { sentBy, unmatched } from "../../support/unmatched";

const FIRST = { id: "u-1", time: "2026-03-05 10:00:00", bill_id: "bill-7", upload: 100 };

/** An account with a record, and another SIM's event that travels with its corrections. */
async function givenRecord() {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const [sim, neighbour] = [await acme.givenSim(), await acme.givenSim()];
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(sim, FIRST));
  await pipeline.storeAll();
  const correctionOf = (changes: object) =>
    usageOf(sim, { ...FIRST, operation: "correct", ...changes });
  return {
    acme,
    pipeline,
    correctionOf,
    neighbours: usageOf(neighbour, { id: "n", upload: 1 }),
    sim,
  };
}

/** Stores one message of events, as often as it comes again; answers the tries that it took, of 5 at most. */
async function triesOf(pipeline: Pipeline, events: object[]): Promise<number> {
  await pipeline.report(...events);
  const messages = pipeline.events.messages.splice(0);
  for (let attempt = 1; attempt <= 5; attempt += 1)
    if ((await pipeline.hand("simplane-events", messages, attempt)).retried.length === 0)
      return attempt;
  return Infinity;
}

const MANY = Array.from({ length: 50 }, (_, n) => n);

it.each([
  ["that all name the record", () => "u-1"],
  ["that name each the one before", (n: number) => (n === 0 ? "u-1" : `c-${n - 1}`)],
])("fifty corrections of one record in a message are made, %s", async (_, replaces) => {
  const { acme, pipeline, correctionOf, neighbours } = await givenRecord();
  const corrections = MANY.map((n) =>
    correctionOf({ id: `c-${n}`, replaces: replaces(n), upload: n }),
  );
  expect(await triesOf(pipeline, [...corrections, neighbours])).toBeLessThanOrEqual(3);
  expect((await acme.call("GET", MARCH)).json.upload).toBe("50");
  expect(new Set(sentBy(pipeline).map(({ id }) => id)).size).toBe(52);
  expect(await unmatched(pipeline)).toEqual([]);
});

it.each([
  ["that all name it", () => "u-404"],
  ["that name each the one before", (n: number) => (n === 0 ? "u-404" : `c-${n - 1}`)],
  ["that name each other in a ring", (n: number) => `c-${(n + 49) % 50}`],
])("fifty corrections of no record hold up nothing, %s", async (_, replaces) => {
  const { acme, pipeline, correctionOf, neighbours } = await givenRecord();
  const corrections = MANY.map((n) =>
    correctionOf({ id: `c-${n}`, replaces: replaces(n), upload: n }),
  );
  expect(await triesOf(pipeline, [...corrections, neighbours])).toBe(1);
  expect((await acme.call("GET", MARCH)).json.upload).toBe("101");
  expect(sentBy(pipeline).map(({ id }) => id)).toEqual(["u-1", "n"]);
  const reasons = (await unmatched(pipeline)).map(({ reason }: { reason: string }) => reason);
  expect(reasons).toEqual(MANY.map(() => "replaces_not_found"));
});

it("fifty corrections whose ids other contents have hold up nothing", async () => {
  const { acme, pipeline, correctionOf, neighbours } = await givenRecord();
  const of = (upload: number) =>
    MANY.map((n) => correctionOf({ id: `c-${n}`, replaces: "u-1", upload }));
  await triesOf(pipeline, of(7));
  expect(await triesOf(pipeline, [...of(8), neighbours])).toBe(1);
  expect((await acme.call("GET", MARCH)).json.upload).toBe("8");
  expect(await unmatched(pipeline)).toHaveLength(50);
});

it("corrections that name each other are made in their order, and those that name them after them", async () => {
  const { acme, pipeline, correctionOf } = await givenRecord();
  await triesOf(pipeline, [correctionOf({ id: "c-1", replaces: "u-1", upload: 1 })]);
  const ring = [
    correctionOf({ id: "c-1", replaces: "c-2", upload: 2 }),
    correctionOf({ id: "c-2", replaces: "c-1", upload: 3 }),
  ];
  const last = correctionOf({ id: "c-3", replaces: "c-2", upload: 4 });
  expect(await triesOf(pipeline, [...ring, last])).toBe(1);
  expect((await acme.call("GET", MARCH)).json.upload).toBe("4");
  const kept = await unmatched(pipeline);
  expect(kept).toMatchObject([{ reason: "id_conflict", event: { id: "c-1", replaces: "c-2" } }]);
});

it("one id corrects one record: the same id for another one is a conflict, in one message too", async () => {
  const { acme, pipeline, correctionOf, sim } = await givenRecord();
  await pipeline.report(usageOf(sim, { ...FIRST, id: "u-2", time: "2026-03-06 10:00:00" }));
  await pipeline.storeAll();
  const corrections = ["u-1", "u-2"].map((replaces) =>
    correctionOf({ id: "c", replaces, upload: 1 }),
  );
  expect(await triesOf(pipeline, corrections)).toBe(1);
  expect((await acme.call("GET", MARCH)).json.upload).toBe("101");
  expect(await unmatched(pipeline)).toMatchObject([{ reason: "id_conflict" }]);
});

it("corrections as large as events may be are made, though D1 takes 2 MB at once", async () => {
  const { acme, pipeline, correctionOf, sim } = await givenRecord();
  const ids = Array.from({ length: 300 }, (_, n) => `r-${n}`);
  await pipeline.report(...ids.map((id) => usageOf(sim, { ...FIRST, id })));
  await pipeline.storeAll();
  const [long, label] = ["€".repeat(253), "€".repeat(100)];
  const large = {
    bill_id: long,
    reason: long,
    session_id: long,
    network: { name: label, country: label },
  };
  const corrections = ids.map((replaces) =>
    correctionOf({ ...large, id: `c-${replaces}`, replaces, upload: 1 }),
  );
  let largest = 0;
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name).bind(target);
      return (query: string) => {
        const prepared = target.prepare(query);
        const bind = prepared.bind.bind(prepared);
        return Object.assign(prepared, {
          bind(...values: unknown[]) {
            for (const value of values)
              largest = Math.max(largest, new TextEncoder().encode(String(value)).byteLength);
            return bind(...values);
          },
        });
      };
    },
  });
  for (let from = 0; from < 300; from += 100) {
    const some = corrections.slice(from, from + 100);
    expect((await pipeline.report(...some)).json).toMatchObject({ accepted: 100 });
  }
  const messages = pipeline.events.messages.splice(0);
  expect(await pipeline.hand("simplane-events", messages, 1, { DB })).toMatchObject({
    retried: [],
  });
  expect((await acme.call("GET", MARCH)).json.upload).toBe("400");
  expect(largest).toBeGreaterThan(500_000);
  expect(largest).toBeLessThan(2_000_000);
});
