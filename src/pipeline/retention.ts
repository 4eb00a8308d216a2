import { eq, type SQL, sql } from "drizzle-orm";
import { SEQ_A_MS } from "../db/sequence";
import { type Db, openPrimary } from "../db/client";
import { unmatchedUse } from "../db/tables";
import { type Env, readConfig } from "../platform/env";
import { noteRemoved } from "../db/removed";
import { KEPT_MS } from "../request/idempotency/claims";
import { log, logFailure } from "../platform/log";
import { DAY_MS, HOUR_MS, keptUsageSince, MINUTE_MS } from "../platform/time";

interface Bounds {
  /** Rows that one statement removes. */
  rows: number;
  /** Statements for each table: a Worker may make 1,000 a run. */
  statements: number;
}

/**
 * Removes what is older than the deployment keeps it, a bounded part of it a run; the totals of days stay.
 * Answers how many rows went, by table.
 */
export async function removeOld(
  env: Env,
  now = Date.now(),
  bounds: Bounds = { rows: 5_000, statements: 70 },
): Promise<Record<string, number>> {
  const { AUDIT_DAYS, DELIVERY_DAYS, FEED_DAYS, NETWORK_LOG_DAYS, UNMATCHED_DAYS, USAGE_DAYS } =
    readConfig(env);
  const db = openPrimary(env.DB);
  const auditBefore = (now - AUDIT_DAYS * DAY_MS) * SEQ_A_MS;
  const deliveriesBefore = now - DELIVERY_DAYS * DAY_MS;
  const feedBefore = now - FEED_DAYS * DAY_MS;
  const networkBefore = now - NETWORK_LOG_DAYS * DAY_MS;
  const usageBefore = keptUsageSince(USAGE_DAYS, now);
  const unmatchedBefore = now - UNMATCHED_DAYS * DAY_MS;
  const old = {
    audit_log: ownersOld("audit_log", ["account_id", "seq"], auditBefore, bounds.rows),
    delivery_log: ownersOld("delivery_log", ["webhook_id", "seq"], deliveriesBefore, bounds.rows),
    delivery_log_days: ownersOld(
      "delivery_log_days",
      ["account_id", "day"],
      deliveriesBefore / DAY_MS - 1,
      bounds.rows,
    ),
    event_feed: ownersOld("event_feed", ["account_id", "seq"], feedBefore, bounds.rows),
    usage_records: ownersOld("usage_records", USAGE_KEY, usageBefore / MINUTE_MS, bounds.rows),
    account_hours: ownersOld("account_hours", HOURS_KEY, usageBefore / HOUR_MS, bounds.rows),
    network_log: oldestOf("network_log", NETWORK_KEY, "time", networkBefore, bounds.rows),
    usage_corrections: oldestOf(
      "usage_corrections",
      ["account_id", "id", "sim_id"],
      "time",
      usageBefore,
      bounds.rows,
    ),
    settled_reports: oldestOf(
      "settled_reports",
      ["sim_id", "identity", "content"],
      "time",
      Math.min(usageBefore, networkBefore),
      bounds.rows,
    ),
    idempotency_keys: oldestOf(
      "idempotency_keys",
      ["account_id", "key"],
      "created_at",
      now - KEPT_MS,
      bounds.rows,
    ),
    unmatched_events: firstOf(
      "unmatched_events",
      ["id"],
      "received_at",
      unmatchedBefore,
      bounds.rows,
    ),
    // Those whose message was lost and whose webhook was deleted.
    replays: oldestOf(
      "replays",
      ["account_id", "webhook_id"],
      "next_at",
      now - DAY_MS,
      bounds.rows,
    ),
  };
  // Noted before it is done: an event must not find its record gone and be counted again.
  const notes: Record<string, SQL> = {
    usage_records: noteRemoved(
      "usage_records",
      usageBefore,
      sql`SELECT 1 FROM accounts CROSS JOIN usage_records ON account_id = accounts.id
        WHERE minute < ${usageBefore / MINUTE_MS}`,
    ),
    network_log: noteRemoved(
      "network_log",
      networkBefore,
      sql`SELECT 1 FROM network_log WHERE time < ${networkBefore}`,
    ),
  };
  const removed: Record<string, number> = {};
  for (const [table, statement] of Object.entries(old))
    removed[table] = await removeUntilNone(db, table, statement, bounds, notes[table]);
  if (removed["unmatched_events"]) await noteExpired(db, removed["unmatched_events"]);
  return removed;
}

/** Bytes that one statement removes: D1 ends one after 30 s, and 20 MB take less than one. */
const MOST_BYTES = 20_000_000;

/** Bytes of a row, of the tables whose rows may be large. SQLite reads the length of a column without its text. */
const SIZES: Record<string, string> = {
  audit_log: "coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0)",
  delivery_log: "octet_length(deliveries)",
  event_feed: "octet_length(events)",
  idempotency_keys: "coalesce(octet_length(body), 0)",
  unmatched_events: "octet_length(event) + coalesce(octet_length(stored), 0)",
};

const USAGE_KEY = ["account_id", "minute", "sim_id", "time", "bill_id", "operation", "id"];
const HOURS_KEY = ["account_id", "hour", "country_code", "network"];
const NETWORK_KEY = ["account_id", "sim_id", "time", "type", "imei", "country_code", "id"];

/**
 * Removes rows of a table whose key begins with an owner and a number that grows with time. The owners are walked by
 * their first rows, so that only old rows are read, whoever they belong to.
 */
function ownersOld(table: string, key: string[], before: number, rows: number): SQL {
  const [owner = "", order = ""] = key.map((column) => `${table}.${column}`);
  return deleteSome(
    table,
    key,
    sql`
      WITH RECURSIVE owners (owner) AS (
        SELECT min(${sql.raw(owner)}) FROM ${sql.raw(table)}
        UNION ALL
        SELECT (SELECT min(${sql.raw(owner)}) FROM ${sql.raw(table)} WHERE ${sql.raw(owner)} > owners.owner)
        FROM owners WHERE owners.owner IS NOT NULL
      )
      SELECT ${columns(key.map((column) => `${table}.${column}`))}, ${sizeOf(table)} AS size
      FROM owners CROSS JOIN ${sql.raw(table)}
      WHERE ${sql.raw(owner)} = owners.owner AND ${sql.raw(order)} < ${before}
      LIMIT ${rows}`,
  );
}

/** Removes the oldest rows of a table that has an index on time. */
function oldestOf(table: string, key: string[], time: string, before: number, rows: number): SQL {
  const oldest = sql`
    SELECT ${columns(key)}, ${sizeOf(table)} AS size FROM ${sql.raw(table)}
    WHERE ${sql.raw(time)} < ${before} ORDER BY ${sql.raw(time)} LIMIT ${rows}`;
  return deleteSome(table, key, oldest);
}

/** Removes the oldest rows of a table that has no index on time, and whose key grows with it: looks at the first rows only. */
function firstOf(table: string, key: string[], time: string, before: number, rows: number): SQL {
  const first = sql`
    SELECT ${columns(key)}, ${sql.raw(time)} AS at, ${sizeOf(table)} AS size
    FROM ${sql.raw(table)} ORDER BY ${columns(key)} LIMIT ${rows}`;
  return deleteSome(table, key, sql`SELECT * FROM (${first}) WHERE at < ${before}`);
}

/** Removes the first of some rows, by their keys and sizes, until {@link MOST_BYTES} are reached. */
function deleteSome(table: string, key: string[], rows: SQL): SQL {
  const sized = sql`SELECT *, sum(size) OVER (ROWS UNBOUNDED PRECEDING) - size AS taken FROM (${rows})`;
  const some = table in SIZES ? sql`SELECT * FROM (${sized}) WHERE taken < ${MOST_BYTES}` : rows;
  return sql`DELETE FROM ${sql.raw(table)} WHERE (${columns(key)}) IN (SELECT ${columns(key)} FROM (${some}))`;
}

function sizeOf(table: string): SQL {
  return sql.raw(SIZES[table] ?? "0");
}

function columns(names: string[]): SQL {
  return sql.raw(names.join(", "));
}

/**
 * Repeats a bounded DELETE until it finds no more. What D1 refuses, and what the run does not come to, waits for the next
 * run and is logged; it holds up no other table.
 */
async function removeUntilNone(
  db: Db,
  table: string,
  statement: SQL,
  { statements }: Bounds,
  note: SQL | undefined,
): Promise<number> {
  let removed = 0;
  try {
    if (note) await db.run(note);
    for (let step = 0; step < statements; step += 1) {
      const gone = await db.all(sql`${statement} RETURNING 1 AS gone`);
      removed += gone.length;
      if (gone.length === 0) return removed;
    }
    log("old rows left", { table, removed });
  } catch (error) {
    logFailure("old rows not removed", error, { table });
  }
  return removed;
}

/** Counts the unmatched events that were removed because they were old, for `/operator/health`. */
async function noteExpired(db: Db, removed: number): Promise<void> {
  await db
    .update(unmatchedUse)
    .set({ expired: sql`${unmatchedUse.expired} + ${removed}` })
    .where(eq(unmatchedUse.simId, ""));
}
