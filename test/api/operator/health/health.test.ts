import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { checkHealth } from "../../../../src/api/operator/health/check";
import { call, callAsOperator } from "../../../support/call";
import { countingD1, countingKv } from "../../../support/counting";
import { givenLog } from "../../../support/log";
import { failingD1, givenPipeline, givenQueue } from "../../../support/pipeline";
import { usageOf } from "../../../support/events";

const PATH = "/operator/health";

it("answers a load balancer without a key and without the database, by http too", async () => {
  const DB = failingD1(() => true);
  for (const origin of ["https://api.example.com", "http://api.example.com", "http://10.0.0.1"]) {
    const answer = await call("GET", "/healthz", undefined, { origin, env: { DB } });
    expect(answer).toAnswer(200, { message: "OK" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const head = await call("HEAD", "/healthz", undefined, { origin, env: { DB } });
    expect([head.status, head.text]).toEqual([200, ""]);
  }
  expect(await call("POST", "/healthz")).toAnswer(405, "method_not_allowed");
});

it("asks D1 and KV nothing for a load balancer", async () => {
  const [d1, kv] = [countingD1(), countingKv()];
  await call("GET", "/healthz", undefined, { env: { DB: d1.d1, API_KEYS: kv.kv } });
  expect([d1.counts.roundTrips, kv.counts.operations]).toEqual([0, 0]);
});

it("tells the operator how the parts do, asking each once", async () => {
  const [d1, kv] = [countingD1(), countingKv()];
  const answer = await callAsOperator("GET", PATH, undefined, {
    env: { DB: d1.d1, API_KEYS: kv.kv },
  });
  const nothing = { ok: true, backlog: 0, bytes: 0, oldest_at: null };
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({
    ok: true,
    database: { ok: true, ms: expect.any(Number), bytes: expect.any(Number) },
    key_cache: { ok: true, ms: expect.any(Number) },
    queues: {
      events: nothing,
      deliveries: nothing,
      deliveries_slow: nothing,
      replays: nothing,
      events_dead: nothing,
      deliveries_dead: nothing,
    },
    unmatched: {
      ok: true,
      waiting: 0,
      dead_lettered: 0,
      oldest_at: null,
      bytes: 0,
      dropped: 0,
      expired: 0,
    },
  });
  expect(answer.json.database.bytes).toBeGreaterThan(10_000);
  expect([d1.counts.roundTrips, kv.counts.operations]).toEqual([1, 1]);
});

it("tells what waits, and since when", async () => {
  const pipeline = givenPipeline();
  const before = Date.now();
  await pipeline.report(usageOf("900000001"));
  await pipeline.storeAll();
  await pipeline.hand("simplane-events-dead", [{ events: [usageOf("900000002")] }]);
  const waiting = { backlogCount: 7, backlogBytes: 4200, oldestMessageTimestamp: new Date(before) };
  const DELIVERIES_SLOW = { ...givenQueue(), metrics: async () => waiting };
  const { json } = await callAsOperator("GET", PATH, undefined, { env: { DELIVERIES_SLOW } });
  const oldest_at = new Date(before).toISOString();
  expect(json.queues.deliveries_slow).toEqual({ ok: true, backlog: 7, bytes: 4200, oldest_at });
  expect(json.unmatched).toMatchObject({ ok: true, waiting: 2, dead_lettered: 1 });
  expect(Date.parse(json.unmatched.oldest_at)).toBeGreaterThanOrEqual(before);
});

it("leaves out the backlog where the runtime tells none", async () => {
  const EVENTS = withMember(givenQueue(), "metrics", undefined);
  const { status, json } = await callAsOperator("GET", PATH, undefined, { env: { EVENTS } });
  expect(status).toBe(200);
  expect(json.queues.events).toEqual({ ok: true, backlog: null, bytes: null, oldest_at: null });
});

const no = () => Promise.reject(new Error("hush-hush: the test says no"));
const never = () => new Promise<never>(() => {});

it.each([
  ["refuses", no],
  ["hangs", never],
])("answers 503 when a part %s, and says only which", async (_, ask) => {
  const log = givenLog();
  const parts = {
    DB: withMember(env.DB, "prepare", () => ({ all: ask })),
    API_KEYS: withMember(env.API_KEYS, "get", ask),
    REPLAYS: withMember(env.REPLAYS, "metrics", ask),
  };
  const health = await checkHealth({ ...env, ...parts }, { timeoutMs: 20 });
  expect(health).toMatchObject({
    ok: false,
    database: { ok: false, ms: null, bytes: null },
    key_cache: { ok: false, ms: null },
    queues: { replays: { ok: false, backlog: null }, events: { ok: true, backlog: 0 } },
    unmatched: { ok: false, waiting: null },
  });
  expect(JSON.stringify(health)).not.toContain("hush-hush");
  expect(log.of("health check failed").map(({ part }) => part)).toEqual(
    expect.arrayContaining(["database", "key cache", "queue replays"]),
  );
  expect(log.of("health check failed")).toHaveLength(3);
});

it("answers the operator 503 for one part that is down", async () => {
  givenLog();
  for (const [name, part] of Object.entries({
    DB: withMember(env.DB, "prepare", () => ({ all: no })),
    API_KEYS: withMember(env.API_KEYS, "get", no),
    DELIVERIES_DEAD: withMember(env.DELIVERIES_DEAD, "metrics", no),
  })) {
    const answer = await callAsOperator("GET", PATH, undefined, { env: { [name]: part } });
    expect(answer.status).toBe(503);
    expect(answer.json.ok).toBe(false);
    expect(answer.text).not.toContain("hush-hush");
  }
});

/** The part with one member replaced. */
function withMember<T extends object>(part: T, name: keyof T, member: unknown): T {
  return new Proxy(part, {
    get(target, asked) {
      if (asked === name) return member;
      const own: unknown = Reflect.get(target, asked);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}
