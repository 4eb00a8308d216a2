import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { MARCH, registrationOf, usageOf, validationOf } from "../../support/events";
import { givenAccount, newSimId } from "../../support/given-account";
import { failingD1, givenPipeline } from "../../support/pipeline";

const sums = ["upload", "download"] as const;

async function count(table: string): Promise<number | null> {
  return env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");
}

it("stores a usage event and answers it as the specification's sample", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const sample = {
    time: "2026-03-01 01:23:45",
    bill_id: "1234567890-1234",
    sim_id: sim,
    country_code: "dk",
    operation: "finalize",
    upload: "0",
    download: "0",
  };
  expect(await pipeline.report({ type: "usage", ...sample })).toAnswer(202, {
    accepted: 1,
    rejected: [],
  });
  await pipeline.storeAll();
  expect(await acme.call("GET", MARCH)).toAnswer(200, {
    usage: [sample],
    upload: "0",
    download: "0",
    pagination: { has_more: false },
  });
});

it("counts an event that is reported twice once, in one batch and in two", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const event = usageOf(sim);
  const sameMoment = { ...event, time: "2026-03-01T02:23:45+01:00", country_code: "DK" };
  await pipeline.report(event, event, sameMoment);
  await pipeline.storeAll();
  await pipeline.report(event);
  await pipeline.storeAll();
  const { json } = await acme.call("GET", MARCH);
  expect(json.usage).toHaveLength(1);
  expect([json.upload, json.download]).toEqual(["10", "100"]);
});

it("sends only what was not there, of a message with new events and known ones", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const [usage, network] = [usageOf(sim, { id: "u1" }), validationOf(sim, { id: "n1" })];
  await pipeline.report(usage, network);
  await pipeline.storeAll();
  pipeline.deliveries.messages.splice(0);
  await pipeline.report(usage, usageOf(sim, { id: "u2" }), network, usageOf(newSimId()));
  expect((await pipeline.storeAll()).acked).toHaveLength(1);
  expect(pipeline.deliveries.messages).toMatchObject([{ events: [{ id: "u2" }] }]);
  expect(await count("unmatched_events")).toBe(1);
});

it("takes the id for the identity where an event has one", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const twin = usageOf(sim);
  await pipeline.report(
    { ...twin, id: "a" },
    { ...twin, id: "b" },
    usageOf(sim, { id: "b", upload: 7, time: "2026-03-05 00:00:00" }),
    twin,
  );
  await pipeline.storeAll();
  await pipeline.report(usageOf(sim, { id: "a", upload: 7, time: "2026-03-06 00:00:00" }));
  await pipeline.storeAll();
  const { json } = await acme.call("GET", MARCH);
  expect([json.usage.length, json.upload]).toEqual([3, "30"]);
});

it("keeps network events in the network log, each once", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const events = [
    validationOf(sim),
    registrationOf(sim),
    registrationOf(sim, { time: "2026-03-02 00:00:00", country_code_previous: null }),
  ];
  await pipeline.report(...events, ...events);
  await pipeline.storeAll();
  expect(await count("network_log")).toBe(3);
});

it("keeps an event of a SIM that no account has, once, and stores it when it is tried again", async () => {
  const acme = await givenAccount();
  const id = newSimId();
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(id, { bill_id: "lost" }), usageOf(id, { bill_id: "lost" }));
  await pipeline.storeAll();
  const listed = await unmatched(pipeline);
  expect(listed).toMatchObject([
    { reason: "sim_not_found", event: { sim_id: id, bill_id: "lost", type: "usage" } },
  ]);

  await retry(pipeline, listed[0].id);
  await pipeline.storeAll();
  expect(await unmatched(pipeline)).toHaveLength(1);

  await acme.givenIssuedSim(id);
  await retry(pipeline, listed[0].id);
  await pipeline.storeAll();
  expect(await unmatched(pipeline)).toEqual([]);
  expect((await acme.call("GET", MARCH)).json.usage).toMatchObject([{ bill_id: "lost" }]);
});

it("sets aside what is no event, and stores the rest of the batch", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const good = { events: [usageOf(sim)] };
  const poison = [null, "text", 7, [], {}, { events: "no" }];
  const halfGood = { events: [usageOf(sim), usageOf(sim, { upload: -1 }), 5, "x"] };
  const { acked, retried } = await pipeline.hand("simplane-events", [good, ...poison, halfGood]);
  expect([acked.length, retried]).toEqual([8, []]);
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(2);
  const reasons = (await unmatched(pipeline)).map(({ reason }: { reason: string }) => reason);
  expect(reasons.toSorted()).toEqual([
    "event_invalid",
    "event_invalid",
    ...Array.from({ length: 6 }, () => "message_invalid"),
    "upload_invalid",
  ]);
});

it("keeps the events of a message that every try failed for, once however often they die", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.hand("simplane-events-dead", [{ events: [usageOf(sim), usageOf(sim)] }]);
  const listed = await unmatched(pipeline);
  expect(listed).toMatchObject([{ reason: "dead_lettered" }, { reason: "dead_lettered" }]);
  for (const { id } of listed) await retry(pipeline, id);
  await pipeline.hand("simplane-events-dead", pipeline.events.messages.splice(0));
  expect(await unmatched(pipeline)).toEqual(listed);
  for (const { id } of listed) await retry(pipeline, id);
  await pipeline.storeAll();
  expect(await unmatched(pipeline)).toEqual([]);
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(2);
});

it("keeps one row of an event that waits for its SIM and dies when it is tried again", async () => {
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(newSimId()));
  await pipeline.storeAll();
  const waiting = await unmatched(pipeline);
  expect(waiting).toMatchObject([{ reason: "sim_not_found" }]);
  await retry(pipeline, waiting[0].id);
  await pipeline.hand("simplane-events-dead", pipeline.events.messages.splice(0));
  expect(await unmatched(pipeline)).toEqual(waiting);
});

it.each([
  { name: "before it stored", late: false },
  { name: "after it stored", late: true },
])("loses nothing and counts nothing twice when D1 fails $name", async ({ late }) => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const messages = [{ events: [usageOf(sim), usageOf(sim)] }, { events: [usageOf(sim)] }];
  const failing = { DB: failingD1((call) => call === 1, { late }) };

  const first = await pipeline.hand("simplane-events", messages, 1, failing);
  expect([first.acked, first.retried]).toEqual([[], ["0", "1"]]);
  const second = await pipeline.hand("simplane-events", messages, 2);
  expect(second.acked).toEqual(["0", "1"]);

  const { json } = await acme.call("GET", MARCH);
  expect([json.usage.length, ...sums.map((sum) => json[sum])]).toEqual([3, "30", "300"]);
  expect(delivered(pipeline)).toBe(3);
});

it("still delivers when it stops between storing and fanning out", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const messages = [{ events: [usageOf(sim)] }];
  const broken = { ...pipeline.deliveries, sendBatch: () => Promise.reject(new Error("stopped")) };
  const first = await pipeline.hand("simplane-events", messages, 1, {
    DELIVERIES: broken,
    DELIVERIES_SLOW: broken,
  });
  expect(first.retried).toEqual(["0"]);
  expect(delivered(pipeline)).toBe(0);
  await pipeline.hand("simplane-events", messages, 2);
  expect(delivered(pipeline)).toBe(1);
  expect(await count("usage_records")).toBe(1);
});

it("stores a message that was tried twice in vain apart from the others", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const messages = [
    { events: [usageOf(sim)] },
    { events: [usageOf(sim)] },
    { events: [usageOf(sim)] },
  ];
  const DB = failingD1((call) => call === 2);
  const { acked, retried } = await pipeline.hand("simplane-events", messages, 3, { DB });
  expect([acked, retried]).toEqual([["0", "2"], ["1"]]);
});

it("keeps the totals equal to the sums of the records", async () => {
  const acme = await givenAccount();
  const sims = [await acme.givenSim(), await acme.givenSim()];
  const pipeline = givenPipeline();
  for (const day of ["01", "02", "31"])
    for (const country_code of ["dk", "de"])
      await pipeline.report(
        ...sims.flatMap((sim) => [
          usageOf(sim, { time: `2026-03-${day} 00:00:00`, country_code, upload: 3 }),
          usageOf(sim, { time: `2026-03-${day} 23:59:59`, country_code, upload: 4 }),
        ]),
      );
  await pipeline.storeAll();
  const totals = async (table: string) =>
    env.DB.prepare(
      `SELECT sum(upload) AS upload, sum(download) AS download, sum(records) AS records FROM ${table}`,
    ).first();
  const sum = { upload: 84, download: 2400, records: 24 };
  expect(await totals("usage_days")).toEqual(sum);
  expect(await totals("account_days")).toEqual(sum);
  expect(await count("usage_days")).toBe(12);
  expect(await count("account_days")).toBe(6);
});

type Pipeline = ReturnType<typeof givenPipeline>;

async function unmatched(pipeline: Pipeline) {
  const path = "/operator/events/unmatched";
  const { json } = await callAsOperator("GET", path, undefined, { env: pipeline.env });
  return json.events;
}

async function retry(pipeline: Pipeline, id: string) {
  const path = `/operator/events/unmatched/${id}/retry`;
  const answer = await callAsOperator("POST", path, undefined, { env: pipeline.env });
  expect(answer).toAnswer(202, { message: "OK" });
}

function delivered(pipeline: Pipeline): number {
  return pipeline.deliveries.messages.flatMap((message) =>
    typeof message === "object" && message && "events" in message ? message.events : [],
  ).length;
}

it("gets past those that cannot be stored when it tries all again", async () => {
  const acme = await givenAccount();
  const [unknown, late] = [newSimId(), newSimId()];
  const pipeline = givenPipeline();
  await pipeline.report(usageOf(unknown), usageOf(late));
  await pipeline.storeAll();
  await acme.givenIssuedSim(late);
  let cursor: string | undefined;
  do {
    const body = { limit: 1, next_page: cursor };
    const path = "/operator/events/unmatched/retry";
    const { json } = await callAsOperator("POST", path, body, { env: pipeline.env });
    cursor = json.pagination.next_page;
  } while (cursor);
  await pipeline.storeAll();
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(1);
  expect(await unmatched(pipeline)).toHaveLength(1);
});

it("keeps network events of two types apart that have the same id", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(validationOf(sim, { id: "5" }), registrationOf(sim, { id: "5" }));
  await pipeline.storeAll();
  expect(await count("network_log")).toBe(2);
});

it("waits an hour with a dead letter that cannot be kept, and keeps the others", async () => {
  const pipeline = givenPipeline();
  const messages = [{ events: [usageOf(newSimId())] }, { events: [usageOf(newSimId())] }];
  let inserts = 0;
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name);
      return (text: string) => {
        inserts += 1;
        if (inserts === 1) throw new Error("D1_ERROR: the test says no");
        return target.prepare(text);
      };
    },
  });
  const result = await pipeline.hand("simplane-events-dead", messages, 1, { DB });
  expect(result).toEqual({ acked: ["1"], retried: ["0"] });
});

it("keeps a usage event apart from a network event that has the same id", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await pipeline.report(validationOf(sim, { id: "1001" }), usageOf(sim, { id: "1001" }));
  await pipeline.storeAll();
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(1);
  expect(await count("network_log")).toBe(1);
});

it("delivers what was stored, never sent and dead-lettered, when the operator tries it again", async () => {
  const acme = await givenAccount();
  await acme.givenWebhook();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const messages = [{ events: [usageOf(sim)] }];
  const broken = { ...pipeline.deliveries, sendBatch: () => Promise.reject(new Error("stopped")) };
  await pipeline.hand("simplane-events", messages, 1, {
    DELIVERIES: broken,
    DELIVERIES_SLOW: broken,
  });
  await pipeline.hand("simplane-events-dead", messages);
  const [kept] = await unmatched(pipeline);
  await retry(pipeline, kept.id);
  await pipeline.storeAll();
  expect(delivered(pipeline)).toBe(1);
  expect(await unmatched(pipeline)).toEqual([]);
  expect(await count("usage_records")).toBe(1);
});

it("tries all unmatched events again by one call, for a reason or of a SIM", async () => {
  const acme = await givenAccount();
  const [first, second] = [newSimId(), newSimId()];
  const pipeline = givenPipeline();
  await pipeline.report(...Array.from({ length: 150 }, () => usageOf(first)), usageOf(second));
  await pipeline.storeAll();
  await acme.givenIssuedSim(first);
  await acme.givenIssuedSim(second);
  const retryAll = (body: object) =>
    callAsOperator("POST", "/operator/events/unmatched/retry", body, { env: pipeline.env });
  expect(await retryAll({ reason: "dead_lettered" })).toMatchObject({ json: { retried: 0 } });
  expect(await retryAll({ sim_id: second })).toMatchObject({ json: { retried: 1 } });
  expect(await retryAll({ reason: "sim_not_found", limit: 100 })).toMatchObject({
    json: { retried: 100, pagination: { has_more: true } },
  });
  await pipeline.storeAll();
  expect(await retryAll({})).toMatchObject({ json: { retried: 50 } });
  await pipeline.storeAll();
  expect(await unmatched(pipeline)).toEqual([]);
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(151);
});
