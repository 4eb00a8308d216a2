import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { MARCH, registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";
import { retryAndStore, sentBy, unmatched } from "../../support/unmatched";

async function givenOne() {
  const acme = await givenAccount();
  await acme.givenWebhook();
  return { acme, sim: await acme.givenSim(), pipeline: givenPipeline() };
}

const ascending = (a: number, b: number) => a - b;

const ROOT = { bill_id: "bill-7", operation: "update", time: "2026-03-05 10:00:00" };

describe("two records of one SIM, bill, operation and second", () => {
  it("count both where their sessions differ, and once where they are the same", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const one = usageOf(sim, { ...ROOT, session_id: "bearer 5", upload: 100 });
    const other = usageOf(sim, { ...ROOT, session_id: "bearer 6", upload: 250 });
    const none = usageOf(sim, { ...ROOT, upload: 7 });
    await pipeline.report(one, other, none, one);
    await pipeline.storeAll();
    await pipeline.report(other, none);
    await pipeline.storeAll();
    const { json } = await acme.call("GET", MARCH);
    expect([json.usage.length, json.upload]).toEqual([3, "357"]);
    expect(await unmatched(pipeline)).toEqual([]);
    const feed = (await acme.call("GET", "/events")).json.events;
    expect(new Set(feed.map(({ id }: { id: string }) => id)).size).toBe(3);
    for (const event of feed)
      expect((await acme.call("GET", `/events/${event.id}`)).json).toEqual(event);
  });

  it.each([
    ["bytes", { upload: 250 }],
    ["country", { country_code: "se" }],
    ["network", { network: { mcc: "238", mnc: "02" } }],
    ["network type", { network_type: "LTE" }],
  ])(
    "are not counted twice where their %s differ: the second is kept aside with both",
    async (_, change) => {
      const { acme, sim, pipeline } = await givenOne();
      const first = usageOf(sim, { ...ROOT, upload: 100, network: { mcc: "238", mnc: "01" } });
      const second = { ...first, ...change };
      await pipeline.report(first);
      await pipeline.storeAll();
      await pipeline.report(second, second);
      await pipeline.storeAll();
      await pipeline.report(first, second);
      await pipeline.storeAll();
      const { json } = await acme.call("GET", MARCH);
      expect([json.usage.length, json.upload]).toEqual([1, "100"]);
      expect(await unmatched(pipeline)).toMatchObject([
        {
          reason: "id_conflict",
          event: { sim_id: sim, bill_id: "bill-7", ...change },
          stored: { sim_id: sim, bill_id: "bill-7", upload: 100, country_code: "dk" },
        },
      ]);
      expect(sentBy(pipeline)).toHaveLength(1);
    },
  );

  it("are settled by the first, in one message, in one batch, and by two consumers at once", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const pairs = ["a", "b", "c"].map((id) => [
      usageOf(sim, { id, upload: 100 }),
      usageOf(sim, { id, upload: 250 }),
    ]);
    const [inMessage = [], inBatch = [], atOnce = []] = pairs;
    await pipeline.hand("simplane-events", [{ events: inMessage }]);
    await pipeline.hand(
      "simplane-events",
      inBatch.map((event) => ({ events: [event] })),
    );
    await Promise.all(
      atOnce.map((event) => pipeline.hand("simplane-events", [{ events: [event] }])),
    );
    const { json } = await acme.call("GET", MARCH);
    const uploads: number[] = json.usage.map(({ upload }: { upload: string }) => Number(upload));
    expect(uploads).toHaveLength(3);
    const kept = await unmatched(pipeline);
    expect(kept).toHaveLength(3);
    for (const { event, stored, reason } of kept) {
      expect(reason).toBe("id_conflict");
      expect([event.upload, stored.upload].toSorted(ascending)).toEqual([100, 250]);
    }
    const counted = kept.map(({ stored }: { stored: { upload: number } }) => stored.upload);
    expect(uploads.toSorted(ascending)).toEqual(counted.toSorted(ascending));
    expect(sentBy(pipeline)).toHaveLength(3);
  });

  it("keeps both contents where no account has the SIM, and settles them once one has", async () => {
    const { acme, pipeline } = await givenOne();
    const id = "700000001";
    const first = usageOf(id, { ...ROOT, upload: 100 });
    await pipeline.report(first, { ...first, upload: 250 });
    await pipeline.storeAll();
    const kept = await unmatched(pipeline);
    expect(kept.map(({ reason }: { reason: string }) => reason)).toEqual([
      "sim_not_found",
      "sim_not_found",
    ]);
    await callAsOperator("PUT", "/operator/sims", { sims: [{ id, account_id: acme.id }] });
    await acme.givenSim({ id });
    for (const row of kept) await retryAndStore(pipeline, row.id);
    expect(await unmatched(pipeline)).toMatchObject([
      { id: kept[1].id, reason: "id_conflict", event: { upload: 250 }, stored: { upload: 100 } },
    ]);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("100");
  });
});

describe("events without an id", () => {
  it.each([
    ["usage of another operation", usageOf, { operation: "start" }],
    ["a validation of another device", validationOf, { imei: "358299840000009" }],
    ["a validation in another country", validationOf, { country_code: "se" }],
  ])("of one second are two, and so are their repeats: %s", async (_, eventOf, change) => {
    const { acme, sim, pipeline } = await givenOne();
    const first = eventOf(sim, { bill_id: "bill-7" });
    const both = [first, { ...first, ...change }];
    for (let times = 0; times < 2; times += 1) {
      await pipeline.report(...both);
      await pipeline.storeAll();
    }
    expect(await unmatched(pipeline)).toEqual([]);
    expect((await acme.call("GET", "/events")).json.events).toHaveLength(2);
  });
});

describe("an id", () => {
  it("counts within its SIM: a number that starts again with each gateway costs no record", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const globex = await givenAccount();
    const theirs = await globex.givenSim();
    const mine = await acme.givenSim();
    const id = "seq-000001";
    await pipeline.report(...[sim, mine, theirs].map((sim_id) => usageOf(sim_id, { id })));
    await pipeline.report(...[sim, mine, theirs].map((sim_id) => validationOf(sim_id, { id })));
    await pipeline.storeAll();
    expect((await acme.call("GET", MARCH)).json.upload).toBe("20");
    expect((await globex.call("GET", MARCH)).json.upload).toBe("10");
    for (const one of [sim, mine])
      expect((await acme.call("GET", `/network-logs/${one}`)).json.docs).toHaveLength(1);
    expect((await globex.call("GET", `/events/${id}`)).json.data.sim_id).toBe(theirs);
    expect(await unmatched(pipeline)).toEqual([]);
  });

  it("of a network event with another content is kept aside, too", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const first = registrationOf(sim, { id: "n-1" });
    const second = registrationOf(sim, { id: "n-1", country_code: "se" });
    await pipeline.report(first);
    await pipeline.storeAll();
    await pipeline.report(first, second);
    await pipeline.storeAll();
    expect((await acme.call("GET", `/network-logs/${sim}`)).json.docs).toHaveLength(1);
    expect(await unmatched(pipeline)).toMatchObject([
      { reason: "id_conflict", event: { country_code: "se" }, stored: { country_code: "dk" } },
    ]);
  });

  it("is read by its index, whatever else the account has", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await pipeline.report(...Array.from({ length: 300 }, (_, n) => usageOf(sim, { id: `u${n}` })));
    await pipeline.storeAll();
    const plan = await env.DB.prepare(
      `EXPLAIN QUERY PLAN SELECT * FROM usage_records
       WHERE account_id = ? AND id >= '!' AND id IN (SELECT value FROM json_each(?))`,
    )
      .bind(acme.id, "[]")
      .all<{ detail: string }>();
    expect(plan.results.map(({ detail }) => detail).join()).toContain(
      "usage_records_by_sim_and_id",
    );
  });
});

it.each([
  ["operation", usageOf, { bill_id: "b", operation: "finalize" }, { operation: "update" }],
  ["IMEI", registrationOf, { imei: "11111111111111" }, { imei: "22222222222222" }],
])(
  "an event that differs from a stored one by its %s alone is new, beside a repeat of that one too",
  async (_, of, first, other) => {
    const { sim, pipeline } = await givenOne();
    const stored = of(sim, first);
    await pipeline.report(stored);
    await pipeline.storeAll();
    const before = sentBy(pipeline).length;
    await pipeline.report(stored, { ...stored, ...other });
    await pipeline.storeAll();
    expect(sentBy(pipeline).slice(before)).toMatchObject([{ data: other }]);
    expect(await unmatched(pipeline)).toEqual([]);
  },
);
