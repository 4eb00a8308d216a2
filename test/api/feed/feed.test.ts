import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { countingD1 } from "../../support/counting";
import { fillFeed } from "../../support/filled-feed";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { givenPipeline, type Pipeline } from "../../support/pipeline";
import { retryAndStore, unmatched } from "../../support/unmatched";

/** Reads the feed to its end, `limit` events at a time, from a cursor on. */
async function readAll(acme: GivenAccount, limit: number, after = "") {
  const events: { id: string; type: string; data: Record<string, string | null> }[] = [];
  let cursor = after;
  for (;;) {
    const query = cursor ? `&after=${cursor}` : "";
    const { json } = await acme.call("GET", `/events?limit=${limit}${query}`);
    events.push(...json.events);
    cursor = json.pagination.next_page;
    if (!json.pagination.has_more) return { events, cursor };
  }
}

async function given(pipeline: Pipeline, ...events: unknown[]) {
  await pipeline.report(...events);
  await pipeline.storeAll();
}

it("holds every event of the account, all types, as webhooks are sent them", async () => {
  const [acme, other] = [await givenAccount(), await givenAccount()];
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(
    pipeline,
    usageOf(sim, { id: "u" }),
    validationOf(sim),
    registrationOf(sim),
    usageOf(await other.givenSim()),
  );
  const { events } = await readAll(acme, 10);
  expect(events.map(({ type }) => type).toSorted()).toEqual([
    "network-registration",
    "network-validation",
    "usage",
  ]);
  expect(events.find(({ id }) => id === "u")?.data).toMatchObject({ sim_id: sim, upload: "10" });
  expect(await acme.call("GET", "/events?since=2100-01-01T00:00:00Z")).toMatchObject({
    status: 200,
    json: { events: [], pagination: { has_more: false } },
  });
});

it.each([1, 7, 1000])(
  "is read page by page of %i, each event once, in the order stored",
  async (limit) => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const pipeline = givenPipeline();
    const ids: string[] = [];
    for (let batch = 0; batch < 4; batch += 1) {
      const some = Array.from({ length: 5 }, (_, index) => `e${batch}-${index}`);
      ids.push(...some);
      await given(pipeline, ...some.map((id) => usageOf(sim, { id })));
    }
    const { events } = await readAll(acme, limit);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids));
    expect(events).toHaveLength(20);
    const batches = events.map(({ id }) => id.slice(0, 2));
    expect(batches).toEqual(batches.toSorted());
  },
);

it("never skips an event that is stored late: whatever its time, it comes behind the cursor", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(pipeline, usageOf(sim));
  const { cursor } = await readAll(acme, 10);
  expect((await readAll(acme, 10, cursor)).events).toEqual([]);
  await given(pipeline, usageOf(sim, { id: "late", time: "2020-01-01 00:00:00" }));
  const again = await readAll(acme, 10, cursor);
  expect(again.events.map(({ id }) => id)).toEqual(["late"]);
});

it.each([
  ["whose feed is empty", 0],
  ["that has older events", 3],
])(
  "never misses an event that was being stored when a reader began, of an account %s",
  async (_, rows) => {
    const acme = await givenAccount();
    const sim = await acme.givenSim();
    const now = Date.now();
    await fillFeed(acme, { rows, eventsARow: 2, sim, firstSeq: now - 60_000 });
    const since = new Date(now).toISOString();
    const began = await acme.call("GET", `/events?since=${since}`);
    expect(began.json).toMatchObject({ events: [], pagination: { has_more: false } });
    // Its `seq` is from before the reader began; it was committed after.
    await fillFeed(acme, { rows: 1, eventsARow: 1, sim, firstSeq: now - 2000 });
    const cursor = began.json.pagination.next_page;
    const { events, cursor: last } = await readAll(acme, 10, cursor);
    expect(events.map(({ id }) => id)).toEqual(["e-0-0"]);
    expect((await readAll(acme, 10, last)).events).toEqual([]);
  },
);

it("goes on where a reader was, though its replica of the database is behind", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  await fillFeed(acme, { rows: 3, eventsARow: 2, sim });
  const { cursor } = await readAll(acme, 10);
  const newest = await env.DB.prepare(
    "DELETE FROM event_feed WHERE seq > (SELECT min(seq) FROM event_feed) RETURNING *",
  ).all();
  const { cursor: kept } = await readAll(acme, 10, cursor);
  for (const { account_id, seq, events } of newest.results)
    await env.DB.prepare("INSERT INTO event_feed VALUES (?, ?, ?)")
      .bind(account_id, seq, events)
      .run();
  expect((await readAll(acme, 10, kept)).events).toEqual([]);
});

it("orders by commit even when a clock is behind", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(pipeline, usageOf(sim, { id: "first" }));
  await env.DB.prepare("UPDATE event_feed SET seq = seq + 3600000").run();
  const { cursor } = await readAll(acme, 10);
  await given(pipeline, usageOf(sim, { id: "second" }));
  expect((await readAll(acme, 10, cursor)).events.map(({ id }) => id)).toEqual(["second"]);
});

it("holds an event once, however often it is reported", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const events = [usageOf(sim), validationOf(sim)];
  await given(pipeline, ...events, ...events);
  await given(pipeline, ...events);
  expect((await readAll(acme, 10)).events).toHaveLength(2);
});

it("finds an event by its id, its own account's only", async () => {
  const [acme, other] = [await givenAccount(), await givenAccount()];
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(
    pipeline,
    usageOf(sim),
    usageOf(sim, { operation: "start" }),
    usageOf(sim, { id: "given/1?x" }),
    validationOf(sim),
    registrationOf(sim, { id: "reg" }),
  );
  const { events } = await readAll(acme, 10);
  expect(new Set(events.map(({ id }) => id)).size).toBe(5);
  for (const event of events) {
    const path = `/events/${encodeURIComponent(event.id)}`;
    expect(await acme.call("GET", path)).toAnswer(200, event);
    expect(await other.call("GET", path)).toAnswer(404, "event_not_found");
  }
  expect(await acme.call("GET", "/events/evt_zzzz_000000000_0000000000000000")).toAnswer(
    404,
    "event_not_found",
  );
});

it.each([
  ["with an id", { id: "reg" }],
  ["without one", {}],
])("finds an entry of the network log by the id of its replacement, %s", async (_, id) => {
  const [acme, other] = [await givenAccount(), await givenAccount()];
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(pipeline, registrationOf(sim, { ...id, status: "ok" }));
  await given(pipeline, registrationOf(sim, { ...id, country_code_previous: "se" }));
  const [kept] = await unmatched(pipeline);
  await retryAndStore(pipeline, kept.id, { as: "replacement" });
  const { events } = await readAll(acme, 10);
  const [replaced, replacement] = events;
  expect(replacement?.id).not.toBe(replaced?.id);
  const path = `/events/${replacement?.id}`;
  expect(await acme.call("GET", path)).toAnswer(200, replacement);
  expect(await other.call("GET", path)).toAnswer(404, "event_not_found");
});

it("finds an event by reading a few rows, however many the account has", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  await given(
    pipeline,
    ...Array.from({ length: 900 }, (_, index) => usageOf(sim, { id: `u${index}` })),
  );
  await given(pipeline, validationOf(sim, { time: "2026-03-02 00:00:00" }));
  const [validation] = (await readAll(acme, 1000)).events.filter(({ type }) => type !== "usage");
  for (const id of ["u7", validation?.id]) {
    const { counts, d1 } = countingD1();
    const answer = await acme.call("GET", `/events/${id}`, undefined, { env: { DB: d1 } });
    expect(answer.status).toBe(200);
    expect(counts.rowsRead).toBeLessThan(20);
  }
});

it.each([
  ["after=%21", "after_invalid"],
  ["after=WzEsMiwzXQ", "after_invalid"],
  ["since=yesterday", "since_invalid"],
  ["limit=0", "limit_invalid"],
  ["limit=1001", "limit_invalid"],
] as const)("refuses %s", async (query, code) => {
  const acme = await givenAccount();
  expect(await acme.call("GET", `/events?${query}`)).toAnswer(400, code);
});
