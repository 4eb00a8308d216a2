import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { accountDays, accountHours, usageDays, usageRecords } from "../../db/tables";
import type { UsageEvent } from "../../events/schemas";
import { splitDetails } from "../../events/details";
import { MINUTE_MS } from "../../platform/time";
import { firstTime, isRemembered } from "../../db/removed";
import { recordKey } from "../../db/record-key";
import { plus, plusShown } from "../../db/sums";

/**
 * Inserts the records that are not there yet, for the SIMs that an account has, as far as they pass `mayStore`. An id that a
 * correction has is taken.
 */
export function insertUsage(db: Db, events: readonly UsageEvent[], run: number, mayStore: SQL) {
  const rows = events.map((event) => ({
    ...splitDetails(event),
    minute: minuteOf(event),
    key: recordKey(event),
  }));
  // Most have no id: the look-up would be a twentieth of the statement.
  const isTaken = events.some(({ id }) => id !== undefined)
    ? sql`EXISTS (
        SELECT 1 FROM usage_corrections AS other
        WHERE other.account_id = sims.account_id AND other.id = value ->> 'id' AND other.sim_id = sims.id)`
    : sql`false`;
  return db
    .insert(usageRecords)
    .select(
      sql`
        SELECT sims.account_id, value ->> 'minute', sims.id, value ->> 'time', value ->> 'bill_id',
          value ->> 'operation', value ->> 'key', coalesce(value ->> 'country_code', ''),
          value ->> 'upload', value ->> 'download', value ->> 'details', ${run}
        FROM json_each(${JSON.stringify(rows)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
        WHERE ${isRemembered("usage_records", firstTime(events))} AND ${mayStore} AND NOT ${isTaken}`,
    )
    .onConflictDoNothing();
}

const ADD = {
  upload: plus(sql`upload`, sql`excluded.upload`),
  download: plus(sql`download`, sql`excluded.download`),
  records: sql`records + excluded.records`,
};

/** Records, a subquery of {@link usageInsertedBy}, by SIM, day and country. */
function freshDays(inserted: SQL) {
  return sql`
    SELECT account_id, sim_id, minute / 1440 AS day, country_code, sum(upload) AS upload, sum(download) AS download,
      count(*) AS records, json_group_array(DISTINCT minute % 1440 ORDER BY minute % 1440) AS minutes, max(time) AS last_time,
      unixepoch(minute / 1440 * 86400, 'unixepoch', 'start of month') / 86400 AS month_begin
    FROM (${inserted})
    GROUP BY 1, 2, 3, 4`;
}

/**
 * Adds inserted records to the totals of its SIMs' days. `month_bytes` of a row goes on from the row before it in
 * the month; {@link addToLaterDays} sees to those behind it.
 */
export function addToDays(db: Db, inserted: SQL) {
  const { accountId, simId, day, countryCode, minutes } = usageDays;
  const added = sql`excluded.minutes ->> 0`;
  const both = sql`SELECT value FROM json_each(${minutes}) UNION SELECT value FROM json_each(excluded.minutes)`;
  return db
    .insert(usageDays)
    .select(
      sql`
        SELECT account_id, sim_id, day, country_code, upload, download, records, minutes,
          ${plusShown(
            sql`sum(upload + download) OVER (PARTITION BY account_id, sim_id, month_begin ORDER BY day, country_code)`,
            sql`coalesce((
            SELECT month_bytes FROM usage_days AS before
            WHERE before.account_id = fresh.account_id AND before.sim_id = fresh.sim_id
              AND before.day >= month_begin AND (before.day, before.country_code) < (fresh.day, fresh.country_code)
            ORDER BY before.day DESC, before.country_code DESC LIMIT 1), 0)`,
          )},
          last_time
        FROM (${freshDays(inserted)}) AS fresh
        WHERE true`,
    )
    .onConflictDoUpdate({
      target: [accountId, simId, day, countryCode],
      set: {
        ...ADD,
        // Most often it is one minute behind those that are there.
        minutes: sql`CASE
          WHEN json_array_length(excluded.minutes) = 1 AND ${added} > ${minutes} ->> '$[#-1]'
          THEN json_insert(${minutes}, '$[#]', ${added})
          ELSE (SELECT json_group_array(value) FROM (${both} ORDER BY 1)) END`,
        monthBytes: plusShown(sql`excluded.month_bytes`, sql`upload + download`),
        lastTime: sql`max(last_time, excluded.last_time)`,
      },
    });
}

/** Adds inserted records to `month_bytes` of the month's later rows: there are some when a record comes late. */
export function addToLaterDays(db: Db, inserted: SQL) {
  return statement(
    db,
    sql`
    WITH fresh AS MATERIALIZED (
      SELECT account_id, sim_id, minute / 1440 AS day, country_code, upload + download AS bytes,
        unixepoch(minute * 60, 'unixepoch', 'start of month', '+1 month') / 86400 AS month_end
      FROM (${inserted}))
    UPDATE usage_days SET month_bytes = ${plusShown(sql`month_bytes`, sql`late.bytes`)}
    FROM (
      SELECT later.account_id, later.sim_id, later.day, later.country_code, sum(fresh.bytes) AS bytes
      FROM fresh CROSS JOIN usage_days AS later
      WHERE later.account_id = fresh.account_id AND later.sim_id = fresh.sim_id
        AND (later.day, later.country_code) > (fresh.day, fresh.country_code) AND later.day < fresh.month_end
        AND (later.account_id, later.sim_id, later.day, later.country_code)
          NOT IN (SELECT account_id, sim_id, day, country_code FROM fresh)
      GROUP BY 1, 2, 3, 4
    ) AS late
    WHERE usage_days.account_id = late.account_id AND usage_days.sim_id = late.sim_id
      AND usage_days.day = late.day AND usage_days.country_code = late.country_code`,
  );
}

/** Adds inserted records to the totals of its accounts' days. */
export function addToAccountDays(db: Db, inserted: SQL) {
  const { accountId, day, countryCode } = accountDays;
  return db
    .insert(accountDays)
    .select(
      sql`
        SELECT account_id, minute / 1440, country_code, sum(upload), sum(download), count(*)
        FROM (${inserted})
        WHERE true
        GROUP BY 1, 2, 3`,
    )
    .onConflictDoUpdate({ target: [accountId, day, countryCode], set: ADD });
}

/** A record's network, `mcc-mnc`; '' where it was not told. */
export const NETWORK = sql`coalesce(details ->> '$.network.mcc' || '-' || (details ->> '$.network.mnc'), '')`;

/** Adds inserted records to the totals of its accounts' hours, by country and network. */
export function addToAccountHours(db: Db, inserted: SQL) {
  const { accountId, hour, countryCode, network } = accountHours;
  return db
    .insert(accountHours)
    .select(
      sql`
        SELECT account_id, minute / 60, country_code,
          ${NETWORK},
          sum(upload), sum(download), count(*)
        FROM (${inserted})
        WHERE true
        GROUP BY 1, 2, 3, 4`,
    )
    .onConflictDoUpdate({ target: [accountId, hour, countryCode, network], set: ADD });
}

/** The usage rows that `run` inserted of these events, looked up by their keys: no index tells a run's rows. */
export function usageInsertedBy(run: number, events: readonly UsageEvent[]): SQL {
  const places = placesOf(events.map((event) => [event.sim_id, minuteOf(event)]));
  return sql`
    SELECT usage_records.*
    FROM ${places} AS place
    CROSS JOIN sims ON sims.id = place.value ->> 0
    CROSS JOIN usage_records ON usage_records.account_id = sims.account_id
      AND usage_records.minute = place.value ->> 1 AND usage_records.sim_id = sims.id
    WHERE usage_records.run = ${run}`;
}

/** The same of records whose accounts are known: another account, or none, may have their SIMs by now. */
export function usageOfAccountsInsertedBy(
  run: number,
  records: readonly { accountId: string; event: UsageEvent }[],
): SQL {
  const places = placesOf(
    records.map(({ accountId, event }) => [event.sim_id, minuteOf(event), accountId]),
  );
  return sql`
    SELECT usage_records.*
    FROM ${places} AS place
    CROSS JOIN usage_records ON usage_records.account_id = place.value ->> 2
      AND usage_records.minute = place.value ->> 1 AND usage_records.sim_id = place.value ->> 0
    WHERE usage_records.run = ${run}`;
}

/** Places as a table, each once. */
function placesOf(places: readonly unknown[][]): SQL {
  const distinct = new Set(places.map((place) => JSON.stringify(place)));
  return sql`json_each(${`[${[...distinct].join(",")}]`})`;
}

export function minuteOf(event: Pick<UsageEvent, "time">): number {
  return Math.floor(event.time / MINUTE_MS);
}
