import { type SQL, sql } from "drizzle-orm";
import { type Db, openPrimary } from "./db/client";
import { type Env, readConfig } from "./env";
import { DAY_MS, keptUsageSince, MINUTE_MS } from "./time";

interface Bounds {
  /** Rows that one statement removes, more only where they are of one moment. */
  rows: number;
  /** Statements that one run makes: a Worker has 1,000. */
  statements: number;
}

/** Removes what is older than the deployment keeps it; the daily totals stay. Answers how many rows went, by table. */
export async function removeOld(
  env: Env,
  now = Date.now(),
  bounds: Bounds = { rows: 5_000, statements: 900 },
): Promise<Record<string, number>> {
  const { DELIVERY_DAYS, FEED_DAYS, NETWORK_LOG_DAYS, USAGE_DAYS } = readConfig(env);
  const run = { db: openPrimary(env.DB), ...bounds };
  const log = { rows: sql`delivery_log`, owner: sql`webhook_id`, order: sql`seq` };
  const feed = { rows: sql`event_feed`, owner: sql`account_id`, order: sql`seq` };
  const usage = { rows: sql`usage_records`, owner: sql`account_id`, order: sql`minute` };
  const removed = {
    delivery_log: await removeClustered(run, log, now - DELIVERY_DAYS * DAY_MS),
    event_feed: await removeClustered(run, feed, now - FEED_DAYS * DAY_MS),
    network_log: await removeUntilNone(
      run,
      networkLogBefore(now - NETWORK_LOG_DAYS * DAY_MS, run.rows),
    ),
    usage_records: await removeClustered(run, usage, keptUsageSince(USAGE_DAYS, now) / MINUTE_MS),
  };
  const finished = run.statements > 0;
  console.log(JSON.stringify({ message: "old rows removed", finished, ...removed }));
  return removed;
}

interface Run extends Bounds {
  db: Db;
}

/** A table that is clustered by an owner and by a number that grows with time. */
interface Clustered {
  rows: SQL;
  owner: SQL;
  order: SQL;
}

/** Owner by owner: each one's old rows are the first of its range. */
async function removeClustered(
  run: Run,
  { rows, owner, order }: Clustered,
  before: number,
): Promise<number> {
  let removed = 0;
  const owners = await run.db.all<{ id: string }>(sql`
    WITH RECURSIVE owners (owner) AS (
      SELECT min(${owner}) FROM ${rows}
      UNION ALL
      SELECT (SELECT min(${owner}) FROM ${rows} WHERE ${owner} > owners.owner) FROM owners WHERE owners.owner IS NOT NULL
    )
    SELECT owners.owner AS id FROM owners WHERE EXISTS (SELECT 1 FROM ${rows} WHERE ${owner} = owners.owner AND ${order} < ${before})`);
  for (const { id } of owners) {
    const old = sql`FROM ${rows} WHERE ${owner} = ${id} AND ${order} < ${before}`;
    const last = sql`SELECT ${order} ${old} ORDER BY ${order} LIMIT 1 OFFSET ${run.rows - 1}`;
    removed += await removeUntilNone(
      run,
      sql`DELETE ${old} AND ${order} <= coalesce((${last}), ${before})`,
    );
  }
  return removed;
}

/** The first `rows` entries of the network log before a time, by its index on time. */
function networkLogBefore(before: number, rows: number): SQL {
  const key = sql`account_id, sim_id, time, type, imei, country_code, id`;
  return sql`DELETE FROM network_log WHERE (${key}) IN (
    SELECT ${key} FROM network_log WHERE time < ${before} ORDER BY time LIMIT ${rows})`;
}

/** Repeats a bounded DELETE until it finds nothing, or the run's statements are used up. */
async function removeUntilNone(run: Run, statement: SQL): Promise<number> {
  let removed = 0;
  while (run.statements > 0) {
    run.statements -= 1;
    const { meta } = await run.db.run(statement);
    removed += meta.changes;
    if (meta.changes < run.rows) break;
  }
  return removed;
}
