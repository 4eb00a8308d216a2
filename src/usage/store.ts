import { sql } from "drizzle-orm";
import type { Db } from "../db/client";
import type { UsageEvent } from "../events/catalogue";
import { MINUTE_MS } from "../time";

/** The key columns of a stored record, as `insertUsage` answers them. */
export interface StoredUsage {
  sim_id: string;
  time: number;
  bill_id: string;
  operation: UsageEvent["operation"];
  id: string;
}

/** Inserts the records that are not there yet, for the SIMs that an account has; answers those inserted. */
export function insertUsage(db: Db, events: readonly UsageEvent[], run: number) {
  const rows = events.map((event) => ({ ...event, minute: minuteOf(event) }));
  return db.all<StoredUsage>(sql`
    INSERT INTO usage_records
      (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, run)
    SELECT sims.account_id, value ->> 'minute', sims.id, value ->> 'time', value ->> 'bill_id',
      value ->> 'operation', coalesce(value ->> 'id', ''), value ->> 'country_code',
      value ->> 'upload', value ->> 'download', ${run}
    FROM json_each(${JSON.stringify(rows)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
    WHERE true
    ON CONFLICT DO NOTHING
    RETURNING sim_id, time, bill_id, operation, id`);
}

/** Adds what `run` inserted to the totals of its SIMs' days. */
export function addToDays(db: Db, events: readonly UsageEvent[], run: number) {
  return db.run(sql`
    INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes)
    SELECT account_id, sim_id, minute / 1440, country_code, sum(upload), sum(download), count(*),
      json_group_array(DISTINCT minute % 1440)
    FROM (${insertedBy(run, events)})
    WHERE true
    GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET
      upload = upload + excluded.upload,
      download = download + excluded.download,
      records = records + excluded.records,
      minutes = (SELECT json_group_array(value) FROM (
        SELECT value FROM json_each(usage_days.minutes) UNION SELECT value FROM json_each(excluded.minutes)))`);
}

/** Adds what `run` inserted to the totals of its accounts' days. */
export function addToAccountDays(db: Db, events: readonly UsageEvent[], run: number) {
  return db.run(sql`
    INSERT INTO account_days (account_id, day, country_code, upload, download, records)
    SELECT account_id, minute / 1440, country_code, sum(upload), sum(download), count(*)
    FROM (${insertedBy(run, events)})
    WHERE true
    GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET
      upload = upload + excluded.upload,
      download = download + excluded.download,
      records = records + excluded.records`);
}

/** The rows that `run` inserted of these events, looked up by their keys: no index tells a run's rows. */
function insertedBy(run: number, events: readonly UsageEvent[]) {
  const places = new Set(events.map((event) => JSON.stringify([event.sim_id, minuteOf(event)])));
  return sql`
    SELECT usage_records.*
    FROM json_each(${`[${[...places].join(",")}]`}) AS place
    CROSS JOIN sims ON sims.id = place.value ->> 0
    CROSS JOIN usage_records ON usage_records.account_id = sims.account_id
      AND usage_records.minute = place.value ->> 1 AND usage_records.sim_id = sims.id
    WHERE usage_records.run = ${run}`;
}

function minuteOf(event: UsageEvent): number {
  return Math.floor(event.time / MINUTE_MS);
}
