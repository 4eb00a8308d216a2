import { describe, expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { countingD1 } from "../../support/counting";
import { MARCH, registrationOf, usageOf } from "../../support/events";
import type { GivenAccount } from "../../support/given-account";
import { givenNorth } from "../../support/given-north";
import { d1Beside, failingD1, givenPipeline } from "../../support/pipeline";
import { retryAndStore, sentBy, unmatched } from "../../support/unmatched";

const FIRST = { time: "2026-03-05 10:00:00", bill_id: "bill-7", operation: "update" };

/** A record of 100 bytes in Denmark, and another of its identity with 250 bytes in Sweden, which is kept aside. */
async function givenConflict(given: object = {}) {
  const { acme, north, givenTagged } = await givenNorth();
  await acme.givenWebhook();
  const sim = await givenTagged([north]);
  const pipeline = givenPipeline();
  const first = usageOf(sim, {
    ...FIRST,
    ...given,
    upload: 100,
    download: 1000,
    network: { mcc: "238", mnc: "01" },
  });
  const second = {
    ...first,
    upload: 250,
    country_code: "se",
    network: { mcc: "240", mnc: "01" },
  };
  await pipeline.report(first);
  await pipeline.storeAll();
  await pipeline.report(second);
  await pipeline.storeAll();
  const [{ id }] = await unmatched(pipeline);
  return { acme, sim, pipeline, first, second, id };
}

type Given = Awaited<ReturnType<typeof givenConflict>>;

/** The account's usage in every form that it is asked for. */
async function usageOfAll({ acme, sim }: Pick<Given, "acme" | "sim">) {
  const ask = async (path: string) => (await acme.call("GET", path)).json;
  const records = (await ask(MARCH)).usage.map(
    ({ upload, country_code }: { upload: string; country_code: string }) =>
      `${country_code} ${upload}`,
  );
  records.sort();
  const sums: Record<string, string> = {};
  for (const group of ["days", "months", "hours", "sim", "country", "network"])
    for (const path of ["/usage", `/usage/${sim}`]) {
      const { usage } = await ask(`${path}?group=${group}&filter=time:2026-03`);
      const all = usage
        .filter((one: { records: number }) => one.records > 0)
        .map((one: { records: number; upload: string }) => `${one.records}: ${one.upload}`);
      sums[`${path === "/usage" ? "all" : "one"} by ${group}`] = all.join(", ");
    }
  return { records, sums };
}

/** An entry of the network log, and the messages that replace it by reports of other devices with these statuses. */
async function givenReplacements(first: string, ...statuses: string[]) {
  const { acme, givenTagged } = await givenNorth();
  await acme.givenWebhook();
  const sim = await givenTagged([]);
  const pipeline = givenPipeline();
  for (const [index, status] of [first, ...statuses].entries()) {
    await pipeline.report(registrationOf(sim, { id: "n-1", status, imei: imeiOf(index) }));
    await pipeline.storeAll();
  }
  const replacements: unknown[][] = [];
  for (const { id } of await unmatched(pipeline)) {
    const path = `/operator/events/unmatched/${id}/retry`;
    await callAsOperator("POST", path, { as: "replacement" }, { env: pipeline.env });
    replacements.push(pipeline.events.messages.splice(0));
  }
  return { acme, sim, pipeline, replacements };
}

function imeiOf(index: number): string {
  return `3582998400000${index}0`;
}

async function statusesOf(acme: GivenAccount, sim: string): Promise<string[]> {
  const { docs } = (await acme.call("GET", `/network-logs/${sim}`)).json;
  return docs.map(({ status }: { status: string }) => status);
}

describe("a conflict that the operator decides", () => {
  it.each([
    ["with an id", { id: "u-1" }],
    ["without one", {}],
    ["with a session", { session_id: "bearer 5" }],
  ])("is counted as another record, %s", async (_, given) => {
    const conflict = await givenConflict(given);
    const { acme, pipeline, first, second, id } = conflict;
    expect(await retryAndStore(pipeline, id, { as: "another" })).toAnswer(202, { message: "OK" });
    expect(await unmatched(pipeline)).toEqual([]);
    const expected = {
      records: ["dk 100", "se 250"],
      sums: {
        "all by days": "2: 350",
        "one by days": "2: 350",
        "all by months": "2: 350",
        "one by months": "2: 350",
        "all by hours": "2: 350",
        "one by hours": "2: 350",
        "all by sim": "2: 350",
        "one by sim": "2: 350",
        "all by country": "1: 100, 1: 250",
        "one by country": "1: 100, 1: 250",
        "all by network": "1: 100, 1: 250",
        "one by network": "1: 100, 1: 250",
      },
    };
    expect(await usageOfAll(conflict)).toEqual(expected);
    // Both reports come again, as they do after an outage.
    await pipeline.report(second, first);
    await pipeline.storeAll();
    expect(await usageOfAll(conflict)).toEqual(expected);
    expect(await unmatched(pipeline)).toEqual([]);
    const sent = sentBy(pipeline);
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map((event) => event.id)).size).toBe(2);
    const feed = (await acme.call("GET", "/events")).json.events;
    expect(feed.map((event: { id: string }) => event.id)).toEqual(sent.map((event) => event.id));
    for (const event of sent)
      expect((await acme.call("GET", `/events/${event.id}`)).json.data).toEqual(event.data);
  });

  it.each([
    ["with an id", { id: "u-1" }],
    ["without one", {}],
    ["with a session", { session_id: "bearer 5" }],
  ])("takes the place of the record, %s", async (_, given) => {
    const conflict = await givenConflict(given);
    const { acme, pipeline, first, second, id } = conflict;
    await retryAndStore(pipeline, id, { as: "replacement" });
    expect(await unmatched(pipeline)).toEqual([]);
    const sums = Object.fromEntries(
      Object.keys((await usageOfAll(conflict)).sums).map((name) => [name, "1: 250"]),
    );
    const expected = { records: ["se 250"], sums };
    expect(await usageOfAll(conflict)).toEqual(expected);
    await pipeline.report(first, second);
    await pipeline.storeAll();
    expect(await usageOfAll(conflict)).toEqual(expected);
    expect(await unmatched(pipeline)).toEqual([]);
    const [before, after] = sentBy(pipeline);
    expect(sentBy(pipeline)).toHaveLength(2);
    expect(after?.data).toEqual({
      time: FIRST.time,
      bill_id: FIRST.bill_id,
      sim_id: conflict.sim,
      country_code: "se",
      operation: "correct",
      upload: "250",
      download: "1000",
    });
    expect(after?.id).not.toBe(before?.id);
    const feed = (await acme.call("GET", "/events")).json.events;
    expect(feed).toMatchObject([{ id: before?.id }, { id: after?.id, replaces: before?.id }]);
    expect((await acme.call("GET", `/events/${after?.id}`)).json).toEqual(feed[1]);
  });

  it("takes the place of a record without an id, and is corrected in its turn: the record's time stays", async () => {
    const { acme, sim, pipeline, id } = await givenConflict();
    await retryAndStore(pipeline, id, { as: "replacement" });
    const [, { id: replaces }] = (await acme.call("GET", "/events")).json.events;
    const time = "2026-03-09 08:00:00";
    const correction = usageOf(sim, { time, id: "c-1", operation: "correct", replaces });
    await pipeline.report({ ...correction, upload: 40 });
    await pipeline.storeAll();
    await pipeline.report({ ...correction, upload: 60, id: "c-2", replaces: "c-1" });
    await pipeline.storeAll();
    expect(await unmatched(pipeline)).toEqual([]);
    expect((await acme.call("GET", MARCH)).json.usage).toMatchObject([
      { time: FIRST.time, upload: "60" },
    ]);
  });

  it("is decided once, however often it is asked and whatever fails", async () => {
    for (const as of ["another", "replacement"]) {
      const conflict = await givenConflict({ id: `u-${as}` });
      const { pipeline, id } = conflict;
      const path = `/operator/events/unmatched/${id}/retry`;
      for (let times = 0; times < 2; times += 1)
        await callAsOperator("POST", path, { as }, { env: pipeline.env });
      const messages = pipeline.events.messages.splice(0);
      for (const call of [1, 2, 3])
        for (const late of [false, true]) {
          const DB = failingD1((number) => number === call, { late });
          await pipeline.hand("simplane-events", messages, 1, { DB });
        }
      await Promise.all([1, 2].map(() => pipeline.hand("simplane-events", messages, 2)));
      await pipeline.hand("simplane-events", messages, 3);
      expect((await usageOfAll(conflict)).records).toEqual(
        as === "another" ? ["dk 100", "se 250"] : ["se 250"],
      );
      expect(await unmatched(pipeline)).toEqual([]);
      expect(new Set(sentBy(pipeline).map((event) => event.id)).size).toBe(2);
    }
  });

  it.each([
    ["another", { id: "u-1" }],
    ["another", {}],
    ["replacement", { id: "u-1" }],
    ["replacement", {}],
  ])(
    "goes to webhooks as its decision, %s, when its report comes again in a failed batch",
    async (as, given) => {
      const { pipeline, second, id } = await givenConflict(given);
      await retryAndStore(pipeline, id, { as });
      const decided = sentBy(pipeline).at(-1);
      await pipeline.report(second);
      await pipeline.storeAll(2);
      expect(sentBy(pipeline).at(-1)).toEqual(decided);
      expect(decided?.id).not.toBe("u-1");
      expect(sentBy(pipeline)).toHaveLength(3);
    },
  );

  it("of the network log goes to webhooks as the replacement when its report comes again in a failed batch", async () => {
    const { sim, pipeline, replacements } = await givenReplacements("ok", "refused");
    for (const messages of replacements) await pipeline.hand("simplane-events", messages);
    const decided = sentBy(pipeline).at(-1);
    await pipeline.report(registrationOf(sim, { id: "n-1", status: "refused", imei: imeiOf(1) }));
    await pipeline.storeAll(2);
    expect(sentBy(pipeline)).toHaveLength(3);
    expect(sentBy(pipeline).at(-1)).toEqual(decided);
    expect(decided?.id).not.toBe("n-1");
  });

  it("counts once where it is decided as another and as a replacement at the same time", async () => {
    const conflict = await givenConflict();
    const { pipeline, id } = conflict;
    const path = `/operator/events/unmatched/${id}/retry`;
    for (const as of ["another", "replacement"])
      await callAsOperator("POST", path, { as }, { env: pipeline.env });
    await pipeline.storeAll();
    expect((await usageOfAll(conflict)).records).toEqual(["dk 100", "se 250"]);
    expect(await unmatched(pipeline)).toEqual([]);
  });

  it.each([
    ["at the same time", [["another", "replacement"]], ["ok", "refused"]],
    ["first as another", [["another"], ["replacement"]], ["ok", "refused"]],
    ["first as a replacement", [["replacement"], ["another"]], ["refused"]],
  ])(
    "of the network log counts once where it is decided as both, %s",
    async (_, groups, expected) => {
      const { acme, givenTagged } = await givenNorth();
      const sim = await givenTagged([]);
      const pipeline = givenPipeline();
      for (const status of ["ok", "refused"]) {
        await pipeline.report(registrationOf(sim, { id: "n-1", status }));
        await pipeline.storeAll();
      }
      const [{ id }] = await unmatched(pipeline);
      const path = `/operator/events/unmatched/${id}/retry`;
      const messages: unknown[][] = [];
      for (const group of groups) {
        for (const as of group) await callAsOperator("POST", path, { as }, { env: pipeline.env });
        messages.push(pipeline.events.messages.splice(0));
      }
      for (const some of messages) await pipeline.hand("simplane-events", some);
      expect((await statusesOf(acme, sim)).toSorted()).toEqual(expected);
      expect(await unmatched(pipeline)).toEqual([]);
    },
  );

  it("stays aside where it is tried again undecided, and goes once the record says the same", async () => {
    const conflict = await givenConflict({ id: "u-1" });
    const { pipeline, second, id } = conflict;
    await retryAndStore(pipeline, id);
    expect(await unmatched(pipeline)).toMatchObject([{ id, reason: "id_conflict" }]);
    await pipeline.report({ ...second, id: "c-1", operation: "correct", replaces: "u-1" });
    await pipeline.storeAll();
    await retryAndStore(pipeline, id);
    expect(await unmatched(pipeline)).toEqual([]);
    expect((await usageOfAll(conflict)).records).toEqual(["se 250"]);
  });

  it("is decided for many by one call, of this reason only", async () => {
    const { pipeline, acme } = await givenConflict();
    const path = "/operator/events/unmatched/retry";
    const ask = (body: object) => callAsOperator("POST", path, body, { env: pipeline.env });
    expect(await ask({ as: "another" })).toAnswer(400, "as_invalid");
    expect(await ask({ reason: "sim_not_found", as: "another" })).toAnswer(400, "as_invalid");
    expect(await ask({ reason: "id_conflict", as: "both" })).toAnswer(400, "as_invalid");
    expect((await ask({ reason: "id_conflict", as: "another" })).json.retried).toBe(1);
    await pipeline.storeAll();
    expect((await acme.call("GET", MARCH)).json.upload).toBe("350");
    await pipeline.report(usageOf("799999999"));
    await pipeline.storeAll();
    const [{ id }] = await unmatched(pipeline);
    expect(await retryAndStore(pipeline, id, { as: "another" })).toAnswer(400, "as_invalid");
  });

  it.each(["another", "replacement"])("of the network log is counted as %s, too", async (as) => {
    const { acme, givenTagged } = await givenNorth();
    const sim = await givenTagged([]);
    const pipeline = givenPipeline();
    const first = registrationOf(sim, { id: "n-1", status: "ok" });
    const second = { ...first, status: "refused", reason: "not allowed here" };
    await pipeline.report(first);
    await pipeline.storeAll();
    await pipeline.report(second);
    await pipeline.storeAll();
    const [{ id }] = await unmatched(pipeline);
    await retryAndStore(pipeline, id, { as });
    await pipeline.report(first, second);
    await pipeline.storeAll();
    expect(await unmatched(pipeline)).toEqual([]);
    const { docs } = (await acme.call("GET", `/network-logs/${sim}`)).json;
    const statuses = docs.map(({ status }: { status: string }) => status).toSorted();
    expect(statuses).toEqual(as === "another" ? ["ok", "refused"] : ["refused"]);
    const { events } = (await acme.call("GET", "/events")).json;
    expect(new Set(events.map((event: { id: string }) => event.id)).size).toBe(2);
  });

  it("of the network log stays in it while its SIM is deleted", async () => {
    const { acme, sim, pipeline, replacements } = await givenReplacements("ok", "refused");
    const DB = d1Beside("before", 2, async () => {
      expect(await acme.call("DELETE", `/sim?id=${sim}`)).toAnswer(200);
    });
    for (const messages of replacements)
      await pipeline.hand("simplane-events", messages, 1, { DB });
    expect(await unmatched(pipeline)).toEqual([]);
    expect(await acme.call("POST", "/sim", { id: sim })).toAnswer(200);
    expect(await statusesOf(acme, sim)).toEqual(["refused"]);
  });

  it("of the network log is as the feed tells last, where two replacements come at once", async () => {
    const given = await givenReplacements("ok", "refused", "rejected");
    const { acme, sim, pipeline, replacements } = given;
    const [first = [], second = []] = replacements;
    const DB = d1Beside("before", 2, () => pipeline.hand("simplane-events", second));
    await pipeline.hand("simplane-events", first, 1, { DB });
    expect(await unmatched(pipeline)).toEqual([]);
    expect(await statusesOf(acme, sim)).toEqual(["refused"]);
    expect(sentBy(pipeline)).toHaveLength(3);
    const { events } = (await acme.call("GET", "/events")).json;
    expect(events.map((event: { id: string }) => event.id)).toEqual(
      sentBy(pipeline).map((event) => event.id),
    );
  });

  it("of many entries of the network log costs no more round trips than one", async () => {
    const { givenTagged } = await givenNorth();
    const sim = await givenTagged([]);
    const pipeline = givenPipeline();
    const ids = Array.from({ length: 60 }, (_, n) => `n-${n}`);
    for (const status of ["ok", "refused"]) {
      await pipeline.report(...ids.map((id) => registrationOf(sim, { id, status })));
      await pipeline.storeAll();
    }
    const path = "/operator/events/unmatched/retry";
    const body = { reason: "id_conflict", as: "replacement" };
    await callAsOperator("POST", path, body, { env: pipeline.env });
    const { counts, d1 } = countingD1();
    const messages = pipeline.events.messages.splice(0);
    await pipeline.hand("simplane-events", messages, 1, { DB: d1 });
    expect(counts.roundTrips).toBeLessThanOrEqual(8);
    expect(await unmatched(pipeline)).toEqual([]);
  });
});
