import { type SQL, sql } from "drizzle-orm";

type Table = "usage_records" | "network_log";

/** The earliest time (ms) of events, for {@link isRemembered}. */
export function firstTime(events: readonly { time: number }[]): number {
  return events.reduce((first, { time }) => Math.min(first, time), Number.MAX_SAFE_INTEGER);
}

/**
 * True for an event, as `value`, if its time is not among those that the retention has removed from the table. `first` is
 * the earliest time of the events (ms): most often it decides for all of them, so that no row's JSON is read for it.
 */
export function isRemembered(table: Table, first: number): SQL {
  const until = sql`coalesce((SELECT until FROM removed_rows WHERE name = ${table}), 0)`;
  return sql`(${first} >= ${until} OR value ->> 'time' >= ${until})`;
}

/**
 * Notes that a table's rows from before `until` (ms) are removed, where `old` selects any: an event from then is not
 * known any more and would be counted again, also after the deployment was told to keep rows for longer.
 */
export function noteRemoved(table: Table, until: number, old: SQL): SQL {
  return sql`
    INSERT INTO removed_rows SELECT ${table}, ${until} WHERE EXISTS (${old})
    ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE excluded.until > until`;
}
