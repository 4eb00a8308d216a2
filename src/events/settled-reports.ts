import { sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { settledReports } from "../db/tables";
import { type Event, identityOf } from "./catalogue";
import { contentOf } from "./content";

/** Notes that reports of these events count as repeats, whatever is stored under their identities. */
export function settleReports(db: Db, events: readonly Event[]) {
  const rows = events.map((event) => ({
    sim_id: event.sim_id,
    identity: identityOf(event),
    content: contentOf(event),
    time: event.time,
  }));
  return db
    .insert(settledReports)
    .select(
      sql`
        SELECT value ->> 'sim_id', value ->> 'identity', value ->> 'content', value ->> 'time'
        FROM json_each(${JSON.stringify(rows)}) WHERE true`,
    )
    .onConflictDoNothing();
}
