import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import type { UsageEvent } from "../../events/schemas";
import { simsCarrying, visibleFrom } from "../../access/visibility";
import { DAY_MS, MINUTE_MS } from "../../platform/time";

/** The columns of a record that the classic API shows, and its key. */
export const RECORD = {
  time: sql<number>`time`,
  sim_id: sql<string>`sim_id`,
  bill_id: sql<string>`bill_id`,
  operation: sql<UsageEvent["operation"]>`operation`,
  id: sql<string>`id`,
  country_code: sql<string | null>`nullif(country_code, '')`,
  upload: sql<number>`upload`,
  download: sql<number>`download`,
};

/** Whose usage: of all visible SIMs, and all countries, where none is named. */
export interface Whose extends Access {
  sim?: SQL | undefined;
  country?: string | undefined;
}

/** A SIM that is visible. */
export interface OneSim extends Whose {
  sim: SQL;
}

/** Milliseconds since 1970: `begin` belongs to it, `end` does not. */
export interface Period {
  begin: number;
  end: number;
}

/** `AND` the country that is asked for. */
export function inCountry({ country }: Pick<Whose, "country">): SQL {
  return country === undefined ? sql`` : sql`AND country_code = ${country}`;
}

/**
 * `... WHERE ...` of a period's records. A SIM's are looked up minute by minute, in the minutes that its days list,
 * so that no other SIM's are read; where only `atLeast` records are wanted, the days behind those are left out.
 */
export function recordsIn(
  whose: Whose,
  { begin, end }: Period,
  { atLeast = Number.MAX_SAFE_INTEGER, keptSince = 0 } = {},
): SQL {
  const { accountId, sim, tags } = whose;
  const [first, last] = [begin, end].map((time) => Math.floor(time / MINUTE_MS));
  const inPeriod = sql`minute BETWEEN ${first} AND ${last} AND time >= ${begin} AND time < ${end} ${inCountry(whose)}`;
  if (sim === undefined && tags === null)
    return sql`usage_records WHERE account_id = ${accountId} AND ${inPeriod}`;
  if (sim === undefined) return recordsOfMany(whose, { begin, end });
  // The first day's records may lie before `begin`, and those from before `keptSince` may be removed: they do not count.
  const countedFrom = Math.max(dayOf(begin) + 1, dayOf(keptSince));
  return sql`(
      SELECT DISTINCT day * 1440 + value AS listed
      FROM (
        SELECT day, minutes, sum(CASE WHEN day >= ${countedFrom} THEN records ELSE 0 END) OVER ${EARLIER_DAYS} AS before
        FROM ${daysIn(whose, dayOf(begin), dayOf(end))}
      ) CROSS JOIN json_each(minutes)
      WHERE coalesce(before, 0) < ${atLeast} AND day * 1440 + value BETWEEN ${first} AND ${last}
    ) CROSS JOIN usage_records
    WHERE account_id = ${accountId} AND minute = listed AND sim_id = ${sim} AND ${inPeriod} ${sinceMade(whose, sim)}`;
}

/** A day has a row a country, whose records lie between each other: they count together, or the page would pass over some. */
const EARLIER_DAYS = sql`(ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;

/**
 * `... WHERE ...` of a SIM's records, in the order of time: `CROSS JOIN` keeps the order of the days and of the minutes
 * that each lists. So nothing is sorted, and a LIMIT reads no more than it answers. `lastMinute` ends the period sooner.
 */
export function recordsOfSim(whose: OneSim, { begin, end }: Period, lastMinute?: SQL): SQL {
  const first = Math.floor(begin / MINUTE_MS);
  const last = lastMinute ?? Math.floor((end - 1) / MINUTE_MS);
  const lastDay = lastMinute ? sql`${lastMinute} / 1440` : dayOf(end - 1);
  const merged = sql`
    SELECT json_group_array(value) FROM (
      SELECT DISTINCT minute.value FROM json_each(lists) AS list CROSS JOIN json_each(list.value) AS minute ORDER BY 1)`;
  return sql`(
      SELECT day, CASE countries WHEN 1 THEN minutes ELSE (${merged}) END AS minutes FROM (
        SELECT day, count(*) AS countries, min(minutes) AS minutes, json_group_array(json(minutes)) AS lists
        FROM ${daysIn(whose, dayOf(begin), lastDay)} GROUP BY day
      )
    ) AS days CROSS JOIN json_each(days.minutes) AS listed CROSS JOIN usage_records
    WHERE day * 1440 + listed.value BETWEEN ${first} AND ${last}
      AND usage_records.account_id = ${whose.accountId} AND minute = day * 1440 + listed.value
      AND sim_id = ${whose.sim} AND time >= ${begin} AND time < ${end} ${inCountry(whose)}
      ${sinceMade(whose, whose.sim)}`;
}

/**
 * `... WHERE ...` of the records of the visible SIMs, in no order, looked up in the minutes that their days list: a
 * day has a list a country, and each finds its country's. `lastDay` ends the period sooner.
 */
export function recordsOfMany(
  whose: Whose,
  { begin, end }: Period,
  lastDay: number | SQL = dayOf(end - 1),
): SQL {
  const [first, last] = [begin, end - 1].map((time) => Math.floor(time / MINUTE_MS));
  const days = sql`SELECT sim_id AS one, day, country_code AS country, minutes, ${visibleFrom(whose, sql`usage_days.sim_id`)} AS since
    FROM ${daysIn(whose, dayOf(begin), lastDay)}`;
  return sql`(${days}) AS days CROSS JOIN json_each(days.minutes) AS listed CROSS JOIN usage_records
    WHERE day * 1440 + listed.value BETWEEN ${first} AND ${last}
      AND usage_records.account_id = ${whose.accountId} AND minute = day * 1440 + listed.value
      AND sim_id = one AND country_code = country
      AND time >= ${begin} AND time < ${end} AND time >= since`;
}

/** `AND` what the key may see of a SIM's records. */
function sinceMade(whose: Whose, sim: SQL): SQL {
  return whose.tags === null ? sql`` : sql`AND time >= ${visibleFrom(whose, sim)}`;
}

/** `... WHERE ...` of the totals of the days from `first` to `last`, both included; of the SIMs `among` (a SELECT of ids) only. */
export function daysIn(whose: Whose, first: number, last: number | SQL, among?: SQL): SQL {
  const { accountId, sim, tags } = whose;
  const whole = sim === undefined && tags === null && among === undefined;
  const some = among ? sql`sim_id IN (${among})` : isCarrying(accountId, tags ?? []);
  const days = whole
    ? sql`account_days WHERE account_id = ${accountId}`
    : sql`usage_days WHERE account_id = ${accountId} AND ${sim ? sql`sim_id = ${sim}` : some}`;
  return sql`${days} AND day BETWEEN ${first} AND ${last} ${inCountry(whose)}`;
}

/** Whether a row's SIM carries one of the tags. */
function isCarrying(accountId: string, tags: readonly string[]): SQL {
  return sql`sim_id IN (SELECT sim_tags.sim_id FROM ${simsCarrying(accountId, tags)})`;
}

export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
