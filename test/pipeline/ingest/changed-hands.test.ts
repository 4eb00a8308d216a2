import { describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../src/platform/time";
import { callAsOperator } from "../../support/call";
import { MARCH, registrationOf, usageOf, validationOf } from "../../support/events";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { d1Beside, failingD1, givenPipeline, givenReceivers } from "../../support/pipeline";
import { retryAndStore, sentBy, unmatched } from "../../support/unmatched";

const THEIRS = {
  iccid: "89450000000000000017",
  label: "globex's boat",
  imei: "358299840000009",
  ipv4: "10.11.12.13",
};

/** A SIM that was Acme's is Globex's: with another card, name and device. */
async function handOver(acme: GivenAccount, id: string) {
  const globex = await givenAccount();
  await acme.call("DELETE", "/sim", { id });
  const { iccid, ipv4, label, imei } = THEIRS;
  const sims = [{ id, account_id: globex.id, iccid, ipv4 }];
  expect((await callAsOperator("PUT", "/operator/sims", { sims })).json.issued).toBe(1);
  await globex.givenSim({ id, alias: label });
  await stored(registrationOf(id, { time: inMinutes(-1), imei }));
  const theirs = await globex.call("GET", `/sims/${id}`);
  expect(theirs.json).toMatchObject(THEIRS);
}

it("replays to an account nothing that another one made of its SIM", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim({ alias: "acme's boat" });
  const { id } = await acme.givenWebhook({ payload: "fleet" });
  const pipeline = givenPipeline();
  const received = givenReceivers();
  const time = inMinutes(-10);
  await pipeline.report(usageOf(sim_id, { time }), validationOf(sim_id, { time }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.splice(0)).toHaveLength(2);
  await handOver(acme, sim_id);
  const since = inMinutes(-60);
  await acme.call("POST", `/webhooks/${id}/replay`, { since }, { env: pipeline.env });
  await pipeline.replayAll();
  await pipeline.deliverAll();
  expect(received).toHaveLength(2);
  for (const { body } of received) {
    expect(JSON.parse(body).sim_id).toBe(sim_id);
    for (const fact of Object.values(THEIRS)) expect(body).not.toContain(fact);
  }
});

it("lists usage of a SIM that another account has now without its ICCID", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await stored(usageOf(sim_id));
  await handOver(acme, sim_id);
  for (const query of ["", `&filter[]=sim_id:${sim_id}`]) {
    const { json } = await acme.call("GET", `/usage?filter[]=time:2026-03${query}`);
    expect(json.usage).toHaveLength(1);
    expect(json.usage[0]).toMatchObject({ sim_id, iccid: null });
  }
});

/** Acme's SIM, with a webhook of Acme's and of Globex's, and ways in which it stops being Acme's. */
async function givenBoth() {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const urls = { acme: "https://acme.example.com/", globex: "https://globex.example.com/" };
  const { id: acmes } = await acme.givenWebhook({ url: urls.acme });
  await globex.givenWebhook({ url: urls.globex });
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const store = async (attempts: number, ...events: object[]) => {
    await pipeline.report(...events);
    await pipeline.storeAll(attempts);
  };
  const take = async ({ id: account_id }: GivenAccount) => {
    const sims = [{ id: sim, account_id, take: true }];
    const answer = await callAsOperator("PUT", "/operator/sims", { sims }, { env: pipeline.env });
    expect(answer.json.issued).toBe(1);
  };
  const lose = {
    "its deletion": async () => {
      expect(await acme.call("DELETE", `/sim?id=${sim}`)).toAnswer(200);
    },
    "a take": () => take(globex),
    "a claim of another account": async () => {
      expect(await acme.call("DELETE", `/sim?id=${sim}`)).toAnswer(200);
      expect(await globex.call("POST", "/sim", { id: sim })).toAnswer(200);
    },
  };
  const totals = async () =>
    Promise.all([acme, globex].map(async (one) => (await one.call("GET", MARCH)).json.upload));
  /** Ids of the events that were put on the queue since the last call, all of them for Acme's webhook. */
  const sentToAcme = () => {
    const sent = sentBy(pipeline).map(({ id }) => id);
    for (const message of pipeline.deliveries.messages.splice(0))
      expect(message).toMatchObject({ webhook_id: acmes });
    return sent;
  };
  return { acme, globex, sim, pipeline, store, take, lose, totals, sentToAcme };
}

describe.each(["its deletion", "a take", "a claim of another account"] as const)(
  "what an account has stored of a SIM before %s",
  (how) => {
    it("is sent to it by the next try of its message, and counts for nobody else", async () => {
      const { sim, pipeline, lose, totals, sentToAcme } = await givenBoth();
      const message = {
        events: [
          usageOf(sim, { id: "u-1", upload: 100 }),
          usageOf(sim, { id: "c-1", upload: 70, operation: "correct", replaces: "u-1" }),
          usageOf(sim, { upload: 5 }),
          registrationOf(sim, { id: "n-1" }),
        ],
      };
      const refusing = {
        ...pipeline.deliveries,
        sendBatch: () => Promise.reject(new Error("full")),
      };
      const queues = { DELIVERIES: refusing, DELIVERIES_SLOW: refusing };
      const first = await pipeline.hand("simplane-events", [message], 1, queues);
      expect(first.retried).toHaveLength(1);
      await lose[how]();
      await pipeline.hand("simplane-events", [message], 2);
      expect(sentToAcme()).toEqual(expect.arrayContaining(["u-1", "c-1", "n-1"]));
      expect(await totals()).toEqual(["75", "0"]);
      expect(await unmatched(pipeline)).toEqual([]);
    });

    it("is corrected for it, where the first try did not reach the corrections", async () => {
      const { sim, pipeline, lose, totals, sentToAcme } = await givenBoth();
      const correction = { id: "c-1", upload: 70, operation: "correct", replaces: "u-1" };
      const message = {
        events: [
          usageOf(sim, { id: "u-1", upload: 100 }),
          usageOf(sim, { ...correction, id: "c-2", upload: 60, replaces: "c-1" }),
          usageOf(sim, correction),
        ],
      };
      const DB = failingD1((number) => number === 2);
      const first = await pipeline.hand("simplane-events", [message], 1, { DB });
      expect(first.retried).toHaveLength(1);
      await lose[how]();
      await pipeline.hand("simplane-events", [message], 2);
      expect(await unmatched(pipeline)).toEqual([]);
      expect(await totals()).toEqual(["60", "0"]);
      expect(sentToAcme().toSorted()).toEqual(["c-1", "c-2", "u-1"]);
    });

    it("counts for nobody else when it is reported again, beside what is new", async () => {
      const { sim, pipeline, store, lose, totals, sentToAcme } = await givenBoth();
      const known = [
        usageOf(sim, { id: "u-1", upload: 100 }),
        usageOf(sim, { upload: 5 }),
        usageOf(sim, { upload: 5, session_id: "bearer 5" }),
        registrationOf(sim),
      ];
      await store(1, ...known);
      expect(sentToAcme()).toHaveLength(4);
      await lose[how]();
      await store(1, ...known, usageOf(sim, { id: "u-2", upload: 1 }));
      const isHeld = how !== "its deletion";
      expect(pipeline.deliveries.messages).toHaveLength(isHeld ? 1 : 0);
      expect(sentBy(pipeline).map(({ id }) => id)).toEqual(isHeld ? ["u-2"] : []);
      expect(await totals()).toEqual(["110", isHeld ? "1" : "0"]);
      expect((await unmatched(pipeline)).map(({ reason }: { reason: string }) => reason)).toEqual(
        isHeld ? [] : ["sim_not_found"],
      );
    });

    it.each(["another", "replacement"])(
      "counts for nobody else as the operator decided it, %s, and is sent so",
      async (as) => {
        const { sim, pipeline, store, lose, totals, sentToAcme } = await givenBoth();
        const first = usageOf(sim, { id: "u-1", upload: 100 });
        const second = { ...first, upload: 250 };
        await store(1, first);
        await store(1, second);
        const [kept] = await unmatched(pipeline);
        await retryAndStore(pipeline, kept.id, { as });
        const sent = sentToAcme();
        await lose[how]();
        await store(2, second);
        expect(sentToAcme()).toEqual(sent.slice(-1));
        expect(await totals()).toEqual([as === "another" ? "350" : "250", "0"]);
        expect(await unmatched(pipeline)).toEqual([]);
      },
    );
  },
);

it("a late report of other content belongs to the new holder, though a former one has its id", async () => {
  const { sim, pipeline, store, lose, totals } = await givenBoth();
  const first = usageOf(sim, { id: "u-1", upload: 100 });
  await store(1, first);
  await lose["a take"]();
  await store(1, { ...first, upload: 7 });
  await store(1, { ...first, upload: 7 }, first);
  expect(await totals()).toEqual(["100", "7"]);
  expect(await unmatched(pipeline)).toEqual([]);
});

it("a correction goes to the new holder, where that has a record of its id or reports one beside it", async () => {
  const { sim, pipeline, store, lose, totals } = await givenBoth();
  const first = usageOf(sim, { id: "u-1", upload: 100 });
  const correction = usageOf(sim, { operation: "correct", replaces: "u-1" });
  await store(1, first);
  await lose["a take"]();
  await store(1, { ...first, upload: 7 }, { ...correction, id: "c-1", upload: 5 });
  expect(await totals()).toEqual(["100", "5"]);
  await store(1, { ...correction, id: "c-2", upload: 3 });
  expect(await totals()).toEqual(["100", "3"]);
  expect(await unmatched(pipeline)).toEqual([]);
});

it("a correction of a former holder's record is made and sent to it the first time that it comes", async () => {
  const { sim, pipeline, store, lose, totals, sentToAcme } = await givenBoth();
  await store(1, usageOf(sim, { id: "u-1", upload: 100 }));
  sentToAcme();
  await lose["a take"]();
  await store(1, usageOf(sim, { id: "c-1", upload: 70, operation: "correct", replaces: "u-1" }));
  expect(await totals()).toEqual(["70", "0"]);
  expect(sentToAcme()).toEqual(["c-1"]);
  expect(await unmatched(pipeline)).toEqual([]);
});

it("a SIM that comes back to its account has its records, and no other's", async () => {
  const { acme, globex, sim, store, take, totals } = await givenBoth();
  const [first, second] = [usageOf(sim, { upload: 100 }), usageOf(sim, { upload: 7 })];
  await store(1, first);
  await take(globex);
  await store(1, second);
  await take(acme);
  await store(1, first, second, usageOf(sim, { upload: 1 }));
  expect(await totals()).toEqual(["101", "7"]);
});

it("a device that a former holder reported is not shown to the new one when its report comes again", async () => {
  const { globex, sim, store, lose } = await givenBoth();
  const seen = registrationOf(sim, { time: inMinutes(-1), imei: THEIRS.imei });
  await store(1, seen);
  await lose["a take"]();
  await store(1, seen);
  expect((await globex.call("GET", `/sims/${sim}`)).json.imei).toBeNull();
  await store(1, registrationOf(sim, { time: inMinutes(0), imei: "358299840000017" }));
  expect((await globex.call("GET", `/sims/${sim}`)).json.imei).toBe("358299840000017");
});

describe("events of one batch from before and after the first day of a SIM that another account had", () => {
  /** Globex has the SIM since two days, and the batch has events from before and after the end of the first. */
  async function givenTwoDays() {
    const given = await givenBoth();
    const { globex, sim, store } = given;
    await store(1, usageOf(sim, { upload: 1 }));
    await given.lose["its deletion"]();
    vi.setSystemTime(Date.now() - 2 * DAY_MS);
    await given.take(globex);
    const end = Date.now() + DAY_MS;
    vi.useRealTimers();
    const at = (seconds: number) => new Date(end + seconds * 1000).toISOString();
    return { ...given, at };
  }

  it("are corrected as any others", async () => {
    const { globex, sim, pipeline, store, at } = await givenTwoDays();
    await store(
      1,
      usageOf(sim, { id: "u-1", time: at(-60), upload: 100 }),
      usageOf(sim, { id: "c-1", time: at(60), upload: 70, operation: "correct", replaces: "u-1" }),
    );
    expect(await unmatched(pipeline)).toEqual([]);
    const { usage } = (await globex.call("GET", "/usage")).json;
    expect(usage.map(({ upload }: { upload: string }) => upload)).toEqual(["70"]);
  });

  it("show the device and the network of the newest", async () => {
    const { globex, sim, store, at } = await givenTwoDays();
    await store(
      1,
      registrationOf(sim, { time: at(-60), imei: THEIRS.imei, country_code: "dk" }),
      registrationOf(sim, { time: at(60), imei: "358299840000017", country_code: "se" }),
      usageOf(sim, { time: at(90), country_code: "se" }),
    );
    const { json } = await globex.call("GET", `/sims/${sim}`);
    expect(json).toMatchObject({ imei: "358299840000017", network: { country_code: "SE" } });
  });
});

it("a report that comes twice at once is not stored for an account that takes the SIM in between", async () => {
  const { acme, globex, sim, pipeline, store, take, totals } = await givenBoth();
  await store(1, usageOf(sim, { upload: 1 }));
  await take(globex);
  await store(1, usageOf(sim, { upload: 2 }));
  await take(acme);
  const messages = [{ events: [usageOf(sim, { upload: 100 })] }];
  const DB = d1Beside("before", 2, async () => {
    await pipeline.hand("simplane-events", messages);
    await take(globex);
  });
  await pipeline.hand("simplane-events", messages, 1, { DB });
  await pipeline.hand("simplane-events", messages, 2);
  expect(await totals()).toEqual(["101", "2"]);
});

describe("a conflict of the former account's time that is decided after a take", () => {
  async function givenOfBefore() {
    const given = await givenBoth();
    const first = usageOf(given.sim, { id: "u-1", upload: 100 });
    const second = { ...first, upload: 250 };
    await given.store(1, first);
    await given.store(1, second);
    const [{ id }] = await unmatched(given.pipeline);
    await given.take(given.globex);
    return { ...given, second, id };
  }

  it("counts once for the new holder when its report comes again", async () => {
    const { pipeline, store, totals, second, id } = await givenOfBefore();
    await retryAndStore(pipeline, id, { as: "another" });
    await store(1, second);
    expect(await totals()).toEqual(["100", "250"]);
    expect(await unmatched(pipeline)).toEqual([]);
  });

  it("counts once for the new holder when its report came again before", async () => {
    const { pipeline, store, totals, second, id } = await givenOfBefore();
    await store(1, second);
    await retryAndStore(pipeline, id, { as: "another" });
    expect(await totals()).toEqual(["100", "250"]);
    expect(await unmatched(pipeline)).toEqual([]);
  });
});
