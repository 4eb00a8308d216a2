import { type SQL, sql } from "drizzle-orm";
import { SEQ_A_MS } from "./audit/log";
import { type Db, openPrimary } from "./db/client";
import { type Env, readConfig } from "./env";
import { KEPT_MS } from "./idempotency/claims";
import { logFailure } from "./log";
import { DAY_MS, HOUR_MS, keptUsageSince, MINUTE_MS } from "./time";

interface Bounds {
  /** Rows that one statement removes. */
  rows: number;
  /** Statements for each of the seven tables: a Worker may make 1,000 a run. */
  statements: number;
}

/**
 * Removes what is older than the deployment keeps it, a bounded part of it a run; the totals of days stay.
 * Answers how many rows went, by table.
 */
export async function removeOld(
  env: Env,
  now = Date.now(),
  bounds: Bounds = { rows: 5_000, statements: 140 },
): Promise<Record<string, number>> {
  const { AUDIT_DAYS, DELIVERY_DAYS, FEED_DAYS, NETWORK_LOG_DAYS, USAGE_DAYS } = readConfig(env);
  const db = openPrimary(env.DB);
  const auditBefore = (now - AUDIT_DAYS * DAY_MS) * SEQ_A_MS;
  const deliveriesBefore = now - DELIVERY_DAYS * DAY_MS;
  const feedBefore = now - FEED_DAYS * DAY_MS;
  const networkBefore = now - NETWORK_LOG_DAYS * DAY_MS;
  const usageBefore = keptUsageSince(USAGE_DAYS, now);
  const old = {
    audit_log: ownersOld("audit_log", ["account_id", "seq"], auditBefore, bounds.rows),
    delivery_log: ownersOld("delivery_log", ["webhook_id", "seq"], deliveriesBefore, bounds.rows),
    event_feed: ownersOld("event_feed", ["account_id", "seq"], feedBefore, bounds.rows),
    usage_records: ownersOld("usage_records", USAGE_KEY, usageBefore / MINUTE_MS, bounds.rows),
    account_hours: ownersOld("account_hours", HOURS_KEY, usageBefore / HOUR_MS, bounds.rows),
    network_log: oldestOf("network_log", NETWORK_KEY, "time", networkBefore, bounds.rows),
    idempotency_keys: oldestOf(
      "idempotency_keys",
      ["account_id", "key"],
      "created_at",
      now - KEPT_MS,
      bounds.rows,
    ),
  };
  const removed: Record<string, number> = {};
  for (const [table, statement] of Object.entries(old))
    removed[table] = await removeUntilNone(db, table, statement, bounds);
  return removed;
}

const USAGE_KEY = ["account_id", "minute", "sim_id", "time", "bill_id", "operation", "id"];
const HOURS_KEY = ["account_id", "hour", "country_code", "network"];
const NETWORK_KEY = ["account_id", "sim_id", "time", "type", "imei", "country_code", "id"];

/**
 * Removes rows of a table whose key begins with an owner and a number that grows with time. The owners are walked by
 * their first rows, so that only old rows are read, whoever they belong to.
 */
function ownersOld(table: string, key: string[], before: number, rows: number): SQL {
  const [owner = "", order = ""] = key.map((column) => `${table}.${column}`);
  return sql`
    DELETE FROM ${sql.raw(table)} WHERE (${columns(key)}) IN (
      WITH RECURSIVE owners (owner) AS (
        SELECT min(${sql.raw(owner)}) FROM ${sql.raw(table)}
        UNION ALL
        SELECT (SELECT min(${sql.raw(owner)}) FROM ${sql.raw(table)} WHERE ${sql.raw(owner)} > owners.owner)
        FROM owners WHERE owners.owner IS NOT NULL
      )
      SELECT ${columns(key.map((column) => `${table}.${column}`))}
      FROM owners CROSS JOIN ${sql.raw(table)}
      WHERE ${sql.raw(owner)} = owners.owner AND ${sql.raw(order)} < ${before}
      LIMIT ${rows})`;
}

/** Removes the oldest rows of a table that has an index on time. */
function oldestOf(table: string, key: string[], time: string, before: number, rows: number): SQL {
  return sql`
    DELETE FROM ${sql.raw(table)} WHERE (${columns(key)}) IN (
      SELECT ${columns(key)} FROM ${sql.raw(table)} WHERE ${sql.raw(time)} < ${before} ORDER BY ${sql.raw(time)} LIMIT ${rows})`;
}

function columns(names: string[]): SQL {
  return sql.raw(names.join(", "));
}

/** Repeats a bounded DELETE until it finds no more; what D1 refuses waits for the next run, and holds up no other table. */
async function removeUntilNone(
  db: Db,
  table: string,
  statement: SQL,
  { rows, statements }: Bounds,
): Promise<number> {
  let removed = 0;
  try {
    for (let step = 0; step < statements; step += 1) {
      const { meta } = await db.run(statement);
      removed += meta.changes;
      if (meta.changes < rows) break;
    }
  } catch (error) {
    logFailure("old rows not removed", error, { table });
  }
  return removed;
}
