import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { removeOld } from "../../../src/pipeline/retention";
import { callAsOperator } from "../../support/call";
import { MARCH, usageOf } from "../../support/events";
import { givenAccount } from "../../support/given-account";
import { d1Beside, givenPipeline, type Pipeline } from "../../support/pipeline";
import { retryAndStore, sentBy, unmatched } from "../../support/unmatched";

const FIRST = { id: "u-1", time: "2026-03-05 10:00:00", bill_id: "bill-7", upload: 100 };

async function givenOne() {
  const acme = await givenAccount();
  await acme.givenWebhook();
  return { acme, sim: await acme.givenSim(), pipeline: givenPipeline() };
}

function correctionOf(sim: string, changes: object = {}) {
  return usageOf(sim, { ...FIRST, id: "c-1", operation: "correct", replaces: "u-1", ...changes });
}

async function store(pipeline: Pipeline, ...events: object[]) {
  await pipeline.report(...events);
  await pipeline.storeAll();
}

describe("a correction", () => {
  it("takes the place of its record, moves it between days and countries, and is told of", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST), usageOf(sim, { upload: 7 }));
    const moved = { time: "2026-03-09 08:00:00", country_code: "se", upload: 40 };
    await store(pipeline, correctionOf(sim, moved));
    const { json } = await acme.call("GET", MARCH);
    expect([json.usage.length, json.upload]).toEqual([2, "47"]);
    expect(json.usage[1]).toMatchObject({ ...moved, upload: "40", operation: "update" });
    const days = (await acme.call("GET", "/usage?group=days&filter=time:2026-03")).json.usage;
    expect(days).toMatchObject([{ upload: "7" }, { time: "2026-03-09 00:00:00", upload: "40" }]);
    expect(sentBy(pipeline).at(-1)).toMatchObject({
      id: "c-1",
      data: { operation: "correct", upload: "40", country_code: "se" },
    });
    expect((await acme.call("GET", "/events")).json.events.at(-1)).toMatchObject({
      id: "c-1",
      replaces: "u-1",
    });
  });

  it("counts once, in one message with its record, corrected again, and beside repeats of both", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const [first, second] = [correctionOf(sim, { upload: 40 }), usageOf(sim, FIRST)];
    const third = correctionOf(sim, { id: "c-2", replaces: "c-1", upload: 60 });
    await store(pipeline, third, first, second);
    await store(pipeline, second, first, third);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("60");
    expect(await unmatched(pipeline)).toEqual([]);
    expect(sentBy(pipeline)).toHaveLength(3);
  });

  it("waits aside for a record that is not there", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, correctionOf(sim, { upload: 40 }));
    const [kept] = await unmatched(pipeline);
    expect(kept.reason).toBe("replaces_not_found");
    await store(pipeline, usageOf(sim, FIRST));
    await retryAndStore(pipeline, kept.id);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("40");
    expect(await unmatched(pipeline)).toEqual([]);
  });

  it("leaves the month of its record, and counts in the one that it moves to", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const now = new Date();
    const lastMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0, 12));
    const [here, there] = [now.toISOString(), lastMonth.toISOString()];
    const used = async () => (await acme.call("GET", `/sims/${sim}`)).json.usage;
    const record = { time: here, upload: 1000, download: 0 };
    await store(
      pipeline,
      usageOf(sim, { ...record, id: "u-1" }),
      usageOf(sim, { ...record, upload: 7 }),
    );
    expect(await used()).toBe(1007);
    await store(pipeline, correctionOf(sim, { ...record, time: there }));
    expect(await used()).toBe(7);
    await store(pipeline, correctionOf(sim, { ...record, id: "c-2", upload: 50 }));
    expect(await used()).toBe(57);
    const months = await acme.call(
      "GET",
      `/usage/${sim}?group=months&filter=time:${there.slice(0, 7)}`,
    );
    expect(months.json.upload).toBe("0");
  });

  it("that says less lets its SIM be sorted by less", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const other = await acme.givenSim();
    const time = new Date().toISOString();
    await store(
      pipeline,
      usageOf(sim, { time, id: "u-1", upload: 9000 }),
      usageOf(other, { time, upload: 500 }),
    );
    const first = async () =>
      (await acme.call("GET", "/sims?sort=-usage&limit=1")).json.sims.map(
        ({ id }: { id: string }) => id,
      );
    expect(await first()).toEqual([sim]);
    await store(pipeline, correctionOf(sim, { time, upload: 1 }));
    expect(await first()).toEqual([other]);
  });

  it("is set aside where its id is that of another correction", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST), correctionOf(sim, { upload: 40 }));
    await store(pipeline, correctionOf(sim, { upload: 50 }));
    expect(await unmatched(pipeline)).toMatchObject([
      { reason: "id_conflict", event: { id: "c-1", upload: 50 }, stored: { upload: 40 } },
    ]);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("40");
  });

  it("is made beside another of its record that names it by another id", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST), correctionOf(sim, { upload: 40 }));
    await store(
      pipeline,
      correctionOf(sim, { id: "c-2", replaces: "c-1", upload: 50 }),
      correctionOf(sim, { id: "c-3", upload: 60 }),
    );
    const [record] = (await acme.call("GET", MARCH)).json.usage;
    const { upload } = (await acme.call("GET", "/usage?group=days&filter=time:2026-03")).json;
    expect(upload).toBe(record.upload);
    const ids = sentBy(pipeline).map(({ id }) => id);
    expect(ids).toEqual(["u-1", "c-1", "c-2", "c-3"]);
  });

  it("is made beside another that is stored at the same time", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST), usageOf(sim, { time: FIRST.time, upload: 900 }));
    const both = [
      correctionOf(sim, { id: "c-1", upload: 40 }),
      correctionOf(sim, { id: "c-2", upload: 60 }),
    ];
    await Promise.all(both.map((event) => pipeline.hand("simplane-events", [{ events: [event] }])));
    const { events } = (await acme.call("GET", "/events")).json;
    const ids = events.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(["u-1", "c-1", "c-2"]));
    const { upload } = (await acme.call("GET", MARCH)).json;
    expect(Number(upload)).toBe(900 + Number(events.at(-1).data.upload));
    const days = await acme.call("GET", "/usage?group=days&filter=time:2026-03");
    expect(days.json.upload).toBe(upload);
  });

  it("that names one which names it is set aside with it", async () => {
    const { sim, pipeline } = await givenOne();
    await store(
      pipeline,
      correctionOf(sim, { id: "c-1", replaces: "c-2" }),
      correctionOf(sim, { id: "c-2", replaces: "c-1" }),
    );
    const reasons = (await unmatched(pipeline)).map(({ reason }: { reason: string }) => reason);
    expect(reasons).toEqual(["replaces_not_found", "replaces_not_found"]);
  });

  it("to another country leaves nothing of the one before: no network, no total", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const network = { name: "TDC", mcc: "238", mnc: "01" };
    await store(pipeline, usageOf(sim, { ...FIRST, network }));
    await store(pipeline, correctionOf(sim, { country_code: "se", upload: 40 }));
    const ask = async (query: string) =>
      (await acme.call("GET", `/usage?filter=time:2026-03${query}`)).json.usage;
    expect(await ask("")).toMatchObject([
      { country_code: "se", network: { mcc: null, mnc: null } },
    ]);
    for (const group of ["country", "network"])
      expect(await ask(`&group=${group}`)).toMatchObject([{ country_code: "se", upload: "40" }]);
  });

  it("takes a record to no country and back, with all totals", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST));
    for (const [n, country_code] of [null, "se", null].entries()) {
      await store(pipeline, correctionOf(sim, { id: `c-${n}`, country_code, upload: n }));
      for (const group of ["hours", "days", "months", "sim", "country", "network"]) {
        const path = `/usage?group=${group}&filter=time:2026-03`;
        const { usage } = (await acme.call("GET", path)).json;
        expect(usage).toMatchObject([{ records: 1, upload: String(n) }]);
      }
      expect((await acme.call("GET", MARCH)).json.usage).toMatchObject([{ country_code }]);
    }
  });

  it("whose id another one has is kept aside, also where the two name different records in one message", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST), usageOf(sim, { ...FIRST, id: "u-2" }));
    const second = correctionOf(sim, { replaces: "u-2", upload: 60 });
    await store(pipeline, correctionOf(sim, { upload: 40 }), second);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("140");
    expect(await unmatched(pipeline)).toMatchObject([
      { reason: "id_conflict", event: { replaces: "u-2" }, stored: { replaces: "u-1" } },
    ]);
    expect((await acme.call("GET", "/events")).json.events).toHaveLength(3);
  });

  it.each(["another", "replacement"])(
    "whose id another one has is made once the operator decides it as %s, and its repeats count no more",
    async (as) => {
      const { acme, sim, pipeline } = await givenOne();
      const second = correctionOf(sim, { upload: 60 });
      await store(pipeline, usageOf(sim, FIRST), correctionOf(sim, { upload: 40 }), second);
      const [{ id }] = await unmatched(pipeline);
      await retryAndStore(pipeline, id, { as });
      await store(pipeline, second);
      expect(await unmatched(pipeline)).toEqual([]);
      expect((await acme.call("GET", MARCH)).json.upload).toBe("60");
      expect((await acme.call("GET", "/events")).json.events).toHaveLength(3);
    },
  );

  it("goes by its arrival, whichever of the record's ids it names and beside a repeat", async () => {
    const { acme, sim, pipeline } = await givenOne();
    const [zeroth, first, second, third] = [
      correctionOf(sim, { id: "c-0", upload: 30 }),
      correctionOf(sim, { upload: 40 }),
      correctionOf(sim, { id: "c-2", upload: 50 }),
      correctionOf(sim, { id: "c-3", replaces: "c-0", upload: 60 }),
    ];
    await store(pipeline, usageOf(sim, FIRST), zeroth, first);
    await store(pipeline, first, second, third);
    expect((await acme.call("GET", MARCH)).json.upload).toBe("60");
  });

  it("and another of the same record count one after the other, by two consumers at once", async () => {
    const { acme, sim, pipeline } = await givenOne();
    await store(pipeline, usageOf(sim, FIRST));
    const messages = [40, 60].map((upload) => ({
      events: [correctionOf(sim, { id: `c-${upload}`, upload, time: "2026-03-09 08:00:00" })],
    }));
    await Promise.all(messages.map((message) => pipeline.hand("simplane-events", [message])));
    const { events } = (await acme.call("GET", "/events")).json;
    expect(events).toHaveLength(3);
    const { upload } = events.at(-1).data;
    const { json } = await acme.call("GET", MARCH);
    expect([json.usage.length, json.upload]).toEqual([1, upload]);
    for (const group of ["hours", "days", "months", "sim", "country", "network"]) {
      const path = `/usage?group=${group}&filter=time:2026-03`;
      expect((await acme.call("GET", path)).json.usage).toMatchObject([{ records: 1, upload }]);
    }
    expect(await unmatched(pipeline)).toEqual([]);
  });

  it.each([
    ["deleted", 2],
    ["deleted", 3],
    ["given to another account", 2],
    ["given to another account", 3],
  ])("keeps its account's totals right while its SIM is %s, before batch %i", async (how, n) => {
    const { acme, sim, pipeline } = await givenOne();
    const globex = await givenAccount();
    await store(pipeline, usageOf(sim, FIRST));
    const card = { id: sim, account_id: globex.id, take: true };
    const DB = d1Beside("before", n, async () => {
      const gone =
        how === "deleted"
          ? await acme.call("DELETE", `/sim?id=${sim}`)
          : await callAsOperator("PUT", "/operator/sims", { sims: [card] });
      expect(gone).toAnswer(200);
    });
    const correction = correctionOf(sim, { upload: 70 });
    await pipeline.hand("simplane-events", [{ events: [correction] }], 1, { DB });
    expect((await acme.call("GET", `/sim?id=${sim}`)).status).not.toBe(200);
    const { usage, upload } = (await acme.call("GET", MARCH)).json;
    expect([usage[0].upload, upload]).toEqual([upload, upload]);
    for (const group of ["hours", "days", "months", "country", "network"]) {
      const path = `/usage?group=${group}&filter=time:2026-03`;
      expect((await acme.call("GET", path)).json.usage).toMatchObject([{ records: 1, upload }]);
    }
    expect((await globex.call("GET", MARCH)).json.upload).toBe("0");
  });

  it("names a record, and nothing else does", async () => {
    const { sim, pipeline } = await givenOne();
    const { json } = await pipeline.report(
      correctionOf(sim, { replaces: undefined }),
      usageOf(sim, { replaces: "u-1" }),
    );
    expect(json.rejected).toMatchObject([
      { index: 0, error: "replaces_invalid" },
      { index: 1, error: "replaces_invalid" },
    ]);
  });
});

describe("usage from before what is kept", () => {
  it("is kept aside however often it is reported and tried again", async () => {
    const { acme, sim } = await givenOne();
    const pipeline = givenPipeline({ USAGE_DAYS: "400" });
    const old = usageOf(sim, {
      id: "cdr-1",
      time: new Date(Date.now() - 500 * 86_400_000).toISOString(),
    });
    for (let times = 0; times < 3; times += 1) await store(pipeline, old);
    const kept = await unmatched(pipeline);
    expect(kept).toMatchObject([{ reason: "time_too_old", event: { id: "cdr-1" } }]);
    await retryAndStore(pipeline, kept[0].id);
    expect(await unmatched(pipeline)).toMatchObject([{ id: kept[0].id, reason: "time_too_old" }]);
    expect((await acme.call("GET", "/usage?group=months&filter=time:2025")).json.upload).toBe("0");
    expect(sentBy(pipeline)).toEqual([]);
  });

  it("is not counted again where it was removed and the deployment keeps more by now", async () => {
    const { acme, sim } = await givenOne();
    const pipeline = givenPipeline({ USAGE_DAYS: "1000" });
    const time = new Date(Date.now() - 500 * 86_400_000).toISOString();
    const old = usageOf(sim, { id: "cdr-1", time });
    await store(pipeline, old);
    await removeOld({ ...env, USAGE_DAYS: "400" });
    await store(pipeline, old);
    expect(await unmatched(pipeline)).toMatchObject([{ reason: "time_too_old" }]);
    const months = await acme.call("GET", `/usage?group=months&filter=time:${time.slice(0, 4)}`);
    expect(months.json.upload).toBe("10");
  });
});
