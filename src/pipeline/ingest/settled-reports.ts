import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { settledReports } from "../../db/tables";
import { type Event, identityOf } from "../../events/schemas";
import { contentOf } from "../../events/content";

/** A report that counts as a repeat from now on, whatever is stored under its identity. */
export interface SettledReport {
  event: Event;
  accountId: string;
  /** The public id under which its content was stored, where that is not its own. */
  storedAs?: string | undefined;
}

/** Notes that reports count as repeats. */
export function settleReports(db: Db, reports: readonly SettledReport[]) {
  const rows = reports.map(({ event, accountId, storedAs }) => ({
    account_id: accountId,
    sim_id: event.sim_id,
    stored_as: storedAs ?? null,
    identity: identityOf(event),
    content: contentOf(event),
    time: event.time,
  }));
  return settle(
    db,
    sql`
      SELECT value ->> 'sim_id', value ->> 'identity', value ->> 'content', value ->> 'time', value ->> 'stored_as',
        value ->> 'account_id'
      FROM json_each(${JSON.stringify(rows)})`,
  );
}

/** Notes that reports, a subquery in the order of the table's columns, count as repeats. */
export function settle(db: Db, reports: SQL) {
  return db
    .insert(settledReports)
    .select(sql`${reports} WHERE true`)
    .onConflictDoNothing();
}
