import { type SQL, sql } from "drizzle-orm";

type Table = "usage_records" | "network_log";

/** True of an event, as `value`, whose time is not among those that the retention has removed from the table. */
export function isRemembered(table: Table): SQL {
  return sql`value ->> 'time' >= coalesce((SELECT until FROM removed_rows WHERE name = ${table}), 0)`;
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
