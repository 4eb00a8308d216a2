import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { networkLog } from "../../db/tables";
import type { NetworkEvent } from "../../events/schemas";
import { splitDetails } from "../../events/details";
import { firstTime, isRemembered } from "../../db/removed";

/** Inserts the entries that are not there yet, for the SIMs that an account has, as far as they pass `mayStore`. */
export function insertNetworkLog(
  db: Db,
  events: readonly NetworkEvent[],
  run: number,
  mayStore: SQL,
) {
  return db
    .insert(networkLog)
    .select(
      sql`
        SELECT sims.account_id, sims.id, value ->> 'time', value ->> 'type',
          coalesce(value ->> 'imei', ''), coalesce(value ->> 'country_code', ''),
          coalesce(value ->> 'id', ''), value ->> 'country_code_previous', value ->> 'details', ${run}
        FROM json_each(${JSON.stringify(events.map(splitDetails))}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
        WHERE ${isRemembered("network_log", firstTime(events))} AND ${mayStore}`,
    )
    .onConflictDoNothing();
}

/** The rows that `run` inserted of these events, looked up by their keys: no index tells a run's rows. */
export function networkInsertedBy(run: number, events: readonly NetworkEvent[]): SQL {
  const places = new Set(events.map((event) => JSON.stringify([event.sim_id, event.time])));
  return sql`
    SELECT network_log.*
    FROM json_each(${`[${[...places].join(",")}]`}) AS place
    CROSS JOIN sims ON sims.id = place.value ->> 0
    CROSS JOIN network_log ON network_log.account_id = sims.account_id
      AND network_log.sim_id = sims.id AND network_log.time = place.value ->> 1
    WHERE network_log.run = ${run}`;
}
