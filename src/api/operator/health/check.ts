import type { Env } from "../../../platform/env";
import { logFailure } from "../../../platform/log";
import type { Health, QueueHealth } from "./responses";
import { within } from "../../../platform/with-timeout";
import { isoTime } from "../../../platform/time";

type Parts = Pick<
  Env,
  | "DB"
  | "API_KEYS"
  | "EVENTS"
  | "DELIVERIES"
  | "DELIVERIES_SLOW"
  | "REPLAYS"
  | "EVENTS_DEAD"
  | "DELIVERIES_DEAD"
>;

/** A part's failure is the operator's to read in the log: the answer only says that there is one. */
export async function checkHealth(env: Parts, { timeoutMs = 3_000 } = {}): Promise<Health> {
  /** What a part tells of itself, all of it null where it fails or hangs. */
  async function part<T extends object>(
    name: string,
    nothing: T,
    ask: () => Promise<T>,
  ): Promise<T & { ok: boolean }> {
    try {
      return { ok: true, ...(await within(timeoutMs, ask)) };
    } catch (error) {
      logFailure("health check failed", error, { part: name });
      return { ok: false, ...nothing };
    }
  }

  const queue = (name: string, asked: Queue) =>
    part(`queue ${name}`, NO_QUEUE, () => askQueue(asked));

  const [stored, key_cache, ...queues] = await Promise.all([
    part("database", NO_DATABASE, () => askDatabase(env.DB)),
    part<{ ms: number | null }>("key cache", { ms: null }, () => askKeyCache(env.API_KEYS)),
    queue("events", env.EVENTS),
    queue("deliveries", env.DELIVERIES),
    queue("deliveries-slow", env.DELIVERIES_SLOW),
    queue("replays", env.REPLAYS),
    queue("events-dead", env.EVENTS_DEAD),
    queue("deliveries-dead", env.DELIVERIES_DEAD),
  ]);
  const { ok, database, unmatched } = stored;
  const [events, deliveries, deliveries_slow, replays, events_dead, deliveries_dead] = queues;
  return {
    ok: [stored, key_cache, ...queues].every((one) => one.ok),
    database: { ok, ...database },
    key_cache,
    queues: { events, deliveries, deliveries_slow, replays, events_dead, deliveries_dead },
    unmatched: { ok, ...unmatched },
  };
}

type Stored = {
  database: Omit<Health["database"], "ok">;
  unmatched: Omit<Health["unmatched"], "ok">;
};
type Waiting = Omit<QueueHealth, "ok">;

const NO_DATABASE: Stored = {
  database: { ms: null, bytes: null },
  unmatched: {
    waiting: null,
    dead_lettered: null,
    oldest_at: null,
    bytes: null,
    dropped: null,
    expired: null,
  },
};
const NO_QUEUE: Waiting = { backlog: null, bytes: null, oldest_at: null };

type Count = "waiting" | "dead_lettered" | "bytes" | "dropped" | "expired";
const NOTHING_UNMATCHED = {
  waiting: 0,
  dead_lettered: 0,
  bytes: 0,
  dropped: 0,
  expired: 0,
  oldest: null,
};

/** More are not counted: each is a row read. */
const MOST_COUNTED = 10_000;

/** Reads what is kept aside, from the primary. */
async function askDatabase(d1: D1Database): Promise<Stored> {
  const started = Date.now();
  const { results, meta } = await d1
    .prepare(
      `SELECT count(*) AS waiting, count(*) FILTER (WHERE reason = 'dead_lettered') AS dead_lettered, min(received_at) AS oldest,
        coalesce((SELECT bytes FROM unmatched_use WHERE sim_id = ''), 0) AS bytes,
        coalesce((SELECT dropped FROM unmatched_use WHERE sim_id = ''), 0) AS dropped,
        coalesce((SELECT expired FROM unmatched_use WHERE sim_id = ''), 0) AS expired
      FROM (SELECT reason, received_at FROM unmatched_events ORDER BY id LIMIT ${MOST_COUNTED})`,
    )
    .all<{ [count in Count]: number } & { oldest: number | null }>();
  const ms = Date.now() - started;
  const { oldest, ...counts } = results[0] ?? NOTHING_UNMATCHED;
  return {
    database: { ms, bytes: meta.size_after },
    unmatched: { ...counts, oldest_at: timeOf(oldest) },
  };
}

async function askKeyCache(kv: KVNamespace): Promise<{ ms: number }> {
  const started = Date.now();
  await kv.get("health");
  return { ms: Date.now() - started };
}

/** A runtime that is older than Queue.metrics() tells nothing. */
async function askQueue(queue: Queue): Promise<Waiting> {
  if (typeof queue.metrics !== "function") return NO_QUEUE;
  const { backlogCount, backlogBytes, oldestMessageTimestamp } = await queue.metrics();
  return {
    backlog: backlogCount,
    bytes: backlogBytes,
    oldest_at: timeOf(oldestMessageTimestamp?.getTime()),
  };
}

/** 1970 stands for no message. */
function timeOf(ms: number | null | undefined): string | null {
  return ms ? isoTime(ms) : null;
}
