import { sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { networkLog } from "../db/tables";
import type { NetworkEvent } from "./catalogue";

/** Inserts the entries that are not there yet, for the SIMs that an account has; answers the keys of those inserted. */
export function insertNetworkLog(db: Db, events: readonly NetworkEvent[]) {
  return db
    .insert(networkLog)
    .select(
      sql`
        SELECT sims.account_id, sims.id, value ->> 'time', value ->> 'type', value ->> 'imei',
          value ->> 'country_code', coalesce(value ->> 'id', ''), value ->> 'country_code_previous'
        FROM json_each(${JSON.stringify(events)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
        WHERE true`,
    )
    .onConflictDoNothing()
    .returning({
      type: networkLog.type,
      id: networkLog.id,
      sim_id: networkLog.simId,
      time: networkLog.time,
      imei: networkLog.imei,
      country_code: networkLog.countryCode,
    });
}
