import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { writeCursor } from "../../src/http/pagination";
import { removeOld } from "../../src/pipeline/retention";
import { usageOf, validationOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { givenLog } from "../support/log";
import { givenPipeline, givenReceivers } from "../support/pipeline";

const DAY = 86_400_000;
const NOW = Date.now();
/** The deployment keeps less than its events go back. */
const deployed = { ...env, USAGE_DAYS: "400", NETWORK_LOG_DAYS: "90" };
const daysAgo = (days: number) => new Date(NOW - days * DAY).toISOString();

async function counts() {
  const of = async (table: string) =>
    env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");
  return {
    records: await of("usage_records"),
    network: await of("network_log"),
    feed: await of("event_feed"),
    deliveries: await of("delivery_log"),
    hours: await of("account_hours"),
    days: await of("usage_days"),
    accountDays: await of("account_days"),
    audit: await of("audit_log"),
  };
}

/** Two accounts, each with usage 1 and 402 days old, network events 1 and 91 days old, all delivered. */
async function givenHistory() {
  const pipeline = givenPipeline();
  givenReceivers();
  for (let accounts = 0; accounts < 2; accounts += 1) {
    const acme = await givenAccount();
    await acme.givenWebhook();
    const sim = await acme.givenSim();
    for (let record = 0; record < 5; record += 1)
      await pipeline.report(
        usageOf(sim, { time: daysAgo(1 + record / 1000) }),
        usageOf(sim, { time: daysAgo(402 + record / 1000) }),
        validationOf(sim, { time: daysAgo(1 + record / 1000) }),
        validationOf(sim, { time: daysAgo(91 + record / 1000) }),
      );
  }
  await pipeline.storeAll();
  await pipeline.deliverAll();
}

it("removes old records, log entries and hours of every account, and keeps the totals of days", async () => {
  await givenHistory();
  const before = await counts();
  expect(before).toMatchObject({ records: 20, network: 20, feed: 2, deliveries: 2 });
  const oldHours = env.DB.prepare("SELECT count(*) AS n FROM account_hours WHERE hour < ?").bind(
    Math.floor((NOW - 400 * DAY) / DAY) * 24,
  );
  const hours = (await oldHours.first<number>("n")) ?? 0;
  expect([hours >= 2, (before.hours ?? 0) - hours >= 2]).toEqual([true, true]);
  expect(await removeOld(deployed, NOW)).toEqual({
    account_hours: hours,
    audit_log: 0,
    delivery_log: 0,
    delivery_log_days: 0,
    event_feed: 0,
    idempotency_keys: 0,
    network_log: 10,
    replays: 0,
    settled_reports: 0,
    unmatched_events: 0,
    usage_corrections: 0,
    usage_records: 10,
  });
  const left = { records: 10, network: 10, hours: (before.hours ?? 0) - hours };
  expect(await counts()).toEqual({ ...before, ...left });
  expect(await oldHours.first<number>("n")).toBe(0);
});

it("removes hours in bounded steps, no further back than records are kept", async () => {
  const kept = Math.floor((NOW - 400 * DAY) / DAY) * 24;
  for (const account of ["a", "b"])
    for (const hour of [kept - 3, kept - 2, kept - 1, kept, kept + 1])
      await env.DB.prepare("INSERT INTO account_hours VALUES (?, ?, 'dk', '', 1, 1, 1)")
        .bind(account, hour)
        .run();
  const steps = { rows: 2, statements: 2 };
  expect(await removeOld(deployed, NOW, steps)).toMatchObject({ account_hours: 4 });
  expect(await removeOld(deployed, NOW, steps)).toMatchObject({ account_hours: 2 });
  const { results } = await env.DB.prepare(
    "SELECT account_id, hour - ? AS hour FROM account_hours ORDER BY 1, 2",
  )
    .bind(kept)
    .all();
  expect(results).toEqual(
    ["a", "b"].flatMap((account_id) => [0, 1].map((hour) => ({ account_id, hour }))),
  );
});

it("removes the feed and the delivery log after a week", async () => {
  await givenHistory();
  expect(await removeOld(deployed, NOW + 8 * DAY)).toMatchObject({
    delivery_log: 2,
    event_feed: 2,
  });
  expect(await counts()).toMatchObject({ feed: 0, deliveries: 0, records: 10 });
});

it("removes in bounded steps, and goes on where the last run stopped", async () => {
  await givenHistory();
  const bounds = { rows: 2, statements: 2 };
  const removed: number[] = [];
  for (let runs = 0; runs < 4; runs += 1) {
    const { network_log, usage_records } = await removeOld(deployed, NOW, bounds);
    removed.push(network_log ?? 0, usage_records ?? 0);
  }
  expect(removed).toEqual([4, 4, 4, 4, 2, 2, 0, 0]);
  expect(await counts()).toMatchObject({ records: 10, network: 10 });
});

it("passes over no owner, however many have old rows", async () => {
  for (let account = 0; account < 20; account += 1)
    await env.DB.prepare("INSERT INTO event_feed VALUES (?, ?, '[]')").bind(`a${account}`, 1).run();
  expect(await removeOld(deployed, NOW, { rows: 7, statements: 2 })).toMatchObject({
    event_feed: 14,
  });
  expect(await removeOld(deployed, NOW, { rows: 7, statements: 2 })).toMatchObject({
    event_feed: 6,
  });
});

it("goes on with the other tables when D1 refuses one", async () => {
  await givenHistory();
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name);
      return (text: string) => {
        if (text.includes("DELETE FROM delivery_log"))
          throw new Error("D1_ERROR: the test says no");
        return target.prepare(text);
      };
    },
  });
  const removed = await removeOld({ ...deployed, DB }, NOW + 8 * DAY);
  expect(removed).toMatchObject({ delivery_log: 0, event_feed: 2, usage_records: 10 });
});

it("removes the audit log after 400 days, in bounded steps too", async () => {
  const acme = await givenAccount();
  await acme.givenSim();
  const { audit } = await counts();
  expect(audit).toBe(3);
  expect(await removeOld(deployed, NOW + 400 * DAY - 60_000)).toMatchObject({ audit_log: 0 });
  const longer = { ...env, AUDIT_DAYS: "500" };
  expect(await removeOld(longer, NOW + 401 * DAY)).toMatchObject({ audit_log: 0 });
  const steps = { rows: 1, statements: 2 };
  expect(await removeOld(deployed, NOW + 401 * DAY, steps)).toMatchObject({ audit_log: 2 });
  expect(await removeOld(deployed, NOW + 401 * DAY, steps)).toMatchObject({ audit_log: 1 });
  expect(await counts()).toMatchObject({ audit: 0 });
});

it("keeps for as long as the variables say", async () => {
  await givenHistory();
  const longer = { ...env, USAGE_DAYS: "500", NETWORK_LOG_DAYS: "100" };
  expect(await removeOld(longer, NOW)).toMatchObject({
    account_hours: 0,
    network_log: 0,
    usage_records: 0,
  });
});

it("lists what is left and sums what was, page by page", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const days = [410, 405, 2, 1];
  await pipeline.report(
    ...days.flatMap((day) => [1, 2, 3].map((n) => usageOf(sim, { time: daysAgo(day + n / 1000) }))),
  );
  await pipeline.storeAll();
  await removeOld(deployed, NOW);
  for (const whose of ["", `&sim_id=${sim}`]) {
    const read = [];
    let cursor = "";
    do {
      const begin = daysAgo(500).slice(0, 10);
      const path = `/usage?time_begin=${begin}T00:00:00Z&limit=2${whose}${cursor}`;
      const { json } = await acme.call("GET", path, undefined, { env: deployed });
      expect(json.upload).toBe("120");
      read.push(...json.usage);
      cursor = json.pagination.next_page ? `&next_page=${json.pagination.next_page}` : "";
    } while (cursor);
    expect(read).toHaveLength(6);
  }
});

it("groups what is left by hour, behind hours whose records are gone", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const pipeline = givenPipeline();
  const days = [410, 409, 408, 407, 2, 1];
  await pipeline.report(...days.map((day) => usageOf(sim, { time: daysAgo(day) })));
  await pipeline.storeAll();
  await removeOld(deployed, NOW);
  const begin = Date.parse(daysAgo(411));
  const asked = { begin, end: NOW, sim };
  const cursor = { asked, sums: { upload: "60", download: "600" }, group: "hours", after: 0 };
  const times: string[] = [];
  for (let next: string | undefined = writeCursor(cursor); next;) {
    const path = `/usage/${sim}?limit=1&next_page=${next}`;
    const { json } = await acme.call("GET", path);
    times.push(...json.usage.map(({ time }: { time: string }) => time));
    next = json.pagination.next_page;
  }
  const hourOf = (day: number) => `${daysAgo(day).slice(0, 13).replace("T", " ")}:00:00`;
  expect(times).toEqual([hourOf(2), hourOf(1)]);
});

it("keeps each kind as long as its deployed variable says", async () => {
  await givenHistory();
  const days = {
    FEED_DAYS: "3",
    DELIVERY_DAYS: "5",
    NETWORK_LOG_DAYS: "95",
    USAGE_DAYS: "410",
    AUDIT_DAYS: "20",
    UNMATCHED_DAYS: "15",
  };
  const given = { ...env, ...days };
  await env.DB.prepare(
    "INSERT INTO unmatched_events (identity, queue, reason, event, received_at) VALUES ('i', 'events', 'dead_lettered', '{}', ?)",
  )
    .bind(NOW)
    .run();
  const gone: Record<string, number> = {};
  for (let day = 0; day <= 25; day += 1) {
    const removed = await removeOld(given, NOW + day * DAY + 3_600_000);
    for (const [table, rows] of Object.entries(removed)) if (rows > 0) gone[table] ??= day;
  }
  expect(gone).toMatchObject({
    event_feed: 3,
    delivery_log: 5,
    network_log: 4,
    usage_records: 9,
    audit_log: 20,
    unmatched_events: 15,
  });
});

it("removes at most some 20 MB of large rows in a statement, and says when it leaves some", async () => {
  const log = givenLog();
  const row = "x".repeat(1_000_000);
  for (let seq = 0; seq < 45; seq += 1)
    await env.DB.prepare("INSERT INTO event_feed VALUES ('a', ?, ?)").bind(seq, row).run();
  expect(await removeOld(env, NOW, { rows: 5000, statements: 1 })).toMatchObject({
    event_feed: 20,
  });
  expect(log.of("old rows left")).toMatchObject([{ table: "event_feed", removed: 20 }]);
  expect(await removeOld(env, NOW)).toMatchObject({ event_feed: 25 });
  expect(log.of("old rows left")).toHaveLength(1);
});
