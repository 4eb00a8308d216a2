import { sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { accountDays, usageDays, usageRecords } from "../db/tables";
import type { UsageEvent } from "../events/catalogue";
import { MINUTE_MS } from "../time";

/** Inserts the records that are not there yet, for the SIMs that an account has; answers the keys of those inserted. */
export function insertUsage(db: Db, events: readonly UsageEvent[], run: number) {
  const rows = events.map((event) => ({ ...event, minute: minuteOf(event) }));
  return db
    .insert(usageRecords)
    .select(
      sql`
        SELECT sims.account_id, value ->> 'minute', sims.id, value ->> 'time', value ->> 'bill_id',
          value ->> 'operation', coalesce(value ->> 'id', ''), value ->> 'country_code',
          value ->> 'upload', value ->> 'download', ${run}
        FROM json_each(${JSON.stringify(rows)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
        WHERE true`,
    )
    .onConflictDoNothing()
    .returning({
      id: usageRecords.id,
      sim_id: usageRecords.simId,
      time: usageRecords.time,
      bill_id: usageRecords.billId,
      operation: usageRecords.operation,
    });
}

const ADD = {
  upload: sql`upload + excluded.upload`,
  download: sql`download + excluded.download`,
  records: sql`records + excluded.records`,
};

/** Adds what `run` inserted to the totals of its SIMs' days. */
export function addToDays(db: Db, events: readonly UsageEvent[], run: number) {
  const { accountId, simId, day, countryCode, minutes } = usageDays;
  const both = sql`SELECT value FROM json_each(${minutes}) UNION SELECT value FROM json_each(excluded.minutes)`;
  return db
    .insert(usageDays)
    .select(
      sql`
        SELECT account_id, sim_id, minute / 1440, country_code, sum(upload), sum(download), count(*),
          json_group_array(DISTINCT minute % 1440)
        FROM (${usageInsertedBy(run, events)})
        WHERE true
        GROUP BY 1, 2, 3, 4`,
    )
    .onConflictDoUpdate({
      target: [accountId, simId, day, countryCode],
      set: { ...ADD, minutes: sql`(SELECT json_group_array(value) FROM (${both}))` },
    });
}

/** Adds what `run` inserted to the totals of its accounts' days. */
export function addToAccountDays(db: Db, events: readonly UsageEvent[], run: number) {
  const { accountId, day, countryCode } = accountDays;
  return db
    .insert(accountDays)
    .select(
      sql`
        SELECT account_id, minute / 1440, country_code, sum(upload), sum(download), count(*)
        FROM (${usageInsertedBy(run, events)})
        WHERE true
        GROUP BY 1, 2, 3`,
    )
    .onConflictDoUpdate({ target: [accountId, day, countryCode], set: ADD });
}

/** The usage rows that `run` inserted of these events, looked up by their keys: no index tells a run's rows. */
export function usageInsertedBy(run: number, events: readonly UsageEvent[]) {
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
