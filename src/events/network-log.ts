import { sql } from "drizzle-orm";
import type { Db } from "../db/client";
import type { NetworkEvent } from "./catalogue";

/** The key columns of a stored entry, as `insertNetworkLog` answers them. */
export interface StoredNetworkEvent {
  type: NetworkEvent["type"];
  sim_id: string;
  time: number;
  imei: string;
  country_code: string;
  id: string;
}

/** Inserts the entries that are not there yet, for the SIMs that an account has; answers those inserted. */
export function insertNetworkLog(db: Db, events: readonly NetworkEvent[]) {
  return db.all<StoredNetworkEvent>(sql`
    INSERT INTO network_log
      (account_id, sim_id, time, type, imei, country_code, id, country_code_previous)
    SELECT sims.account_id, sims.id, value ->> 'time', value ->> 'type', value ->> 'imei',
      value ->> 'country_code', coalesce(value ->> 'id', ''), value ->> 'country_code_previous'
    FROM json_each(${JSON.stringify(events)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
    WHERE true
    ON CONFLICT DO NOTHING
    RETURNING type, sim_id, time, imei, country_code, id`);
}
