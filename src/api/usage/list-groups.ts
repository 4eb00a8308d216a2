import { type SQL, sql } from "drizzle-orm";
import type { Met } from "../../http/pagination";
import { simsCarrying } from "../../access/visibility";
import { classicTime, DAY_MS, HOUR_MS } from "../../platform/time";
import type { Group, GroupKey } from "./schemas";
import {
  dayOf,
  inCountry,
  type OneSim,
  type Period,
  recordsOfMany,
  recordsOfSim,
  type Whose,
} from "./sql";
import { NETWORK } from "../../pipeline/ingest/usage-rollups";
import { SUM_OF_BYTES, sumText } from "../../db/sums";
import { MOST_SUMMED, visibleDays } from "./visible-days";

/** A group as {@link groupsPage} finds it. */
export interface GroupRow extends Met {
  key: GroupKey;
  iccid: string | null;
  upload: string;
  download: string;
  bytes: number;
  records: number;
  /** 1: more would have to be read than one call may. */
  too_many: number;
}

/** A group as the API answers it. */
export function asGroup(group: Group, { key, iccid, bytes, upload, download, records }: GroupRow) {
  return { ...namesOf(group, key, iccid), bytes, upload, download, records };
}

function namesOf(group: Group, key: GroupKey, iccid: string | null) {
  const text = String(key);
  switch (group) {
    case "hours":
      return { time: classicTime(Number(key) * HOUR_MS) };
    case "sim":
      return { sim_id: text, iccid };
    case "country":
      return { country_code: text || null };
    case "network": {
      const [, country_code = null, mcc = null, mnc = null] =
        /^([a-z]{2})?(?:([0-9]+)-([0-9]+))?$/.exec(text) ?? [];
      return { country_code, network: { mcc, mnc } };
    }
    default:
      return { time: classicTime(Number(key) * DAY_MS) };
  }
}

/** `limit` of the period's groups behind a key, in the order of their keys. */
export function groupsPage(
  group: Group,
  whose: Whose,
  period: Period,
  { after, limit }: { after: GroupKey | undefined; limit: number },
): SQL {
  const { sim } = whose;
  if (group === "sim") return simsPage(whose, period, { after, limit });
  if (group === "hours" && sim) return hoursPage({ ...whose, sim }, period, { after, limit });
  if ((group === "hours" || group === "network") && whose.tags !== null && !sim)
    return groupsOfTags(group, whose, period, { after, limit });
  const behind = after === undefined ? sql`` : sql`WHERE key > ${after}`;
  const parts = partsOf(group, whose, period);
  if (whose.tags === null)
    return sql`
      SELECT key, NULL AS iccid, ${SUMS}, ${ALL_WANTED} FROM (${parts}) ${behind}
      GROUP BY key ORDER BY key LIMIT ${limit}`;
  return sql`
    SELECT key, NULL AS iccid, ${SUMS}, 1 AS passes, 0 AS is_last,
      sum(count(*)) OVER () > ${MOST_SUMMED} AS too_many
    FROM (SELECT * FROM (${parts}) LIMIT ${MOST_SUMMED + 1}) ${behind}
    GROUP BY key ORDER BY key LIMIT ${limit}`;
}

/** All rows of a page are groups. */
const ALL_WANTED = sql.raw("1 AS passes, 0 AS is_last, 0 AS too_many");

/** Days of SIMs whose records one page reads for a narrowed key: there are no totals of some SIMs by hour or network. */
const SIM_DAYS = 1000;
/** SIMs that such a key may have: their records of one day are read at least. */
const MOST_SIMS = 5000;

/**
 * The hours or networks of a narrowed key, summed from its SIMs' records. A page of hours ends with so many days that no more
 * records are read; networks need all of the period. `too_many` is 1 where one day, or the period, has too many SIMs.
 */
function groupsOfTags(
  group: "hours" | "network",
  whose: Whose,
  { begin, end }: Period,
  { after, limit }: { after: GroupKey | undefined; limit: number },
): SQL {
  const isHours = group === "hours";
  const rest = typeof after === "number" ? Math.max(begin, (after + 1) * HOUR_MS) : begin;
  const [first, last] = [dayOf(rest), dayOf(Math.min(end, Date.now() + DAY_MS) - 1)];
  // In the text: D1 binds a number as a float, and a quotient would be one.
  const days = (count: number) => sql.raw(String(count));
  const most = isHours ? MOST_SIMS : Math.floor((SIM_DAYS * 3) / Math.max(1, last - first + 1));
  const upTo = isHours
    ? sql`min(${days(last)}, coalesce(first, ${days(last)}) - 1 + max(1, ${days(SIM_DAYS)} / max(1, sims)))`
    : days(last);
  // The days before a SIM's first one are passed over.
  const firstDay = sql`(
    SELECT min(day) FROM usage_days
    WHERE usage_days.account_id = ${whose.accountId} AND usage_days.sim_id = own.sim_id AND day >= ${first})`;
  const key = isHours ? sql`minute / 60` : sql`country_code || ${NETWORK}`;
  const behind = isHours || after === undefined ? sql`` : sql`WHERE key > ${after}`;
  const records = recordsOfMany(whose, { begin: rest, end }, sql`(SELECT day FROM last)`);
  return sql`
    WITH few AS MATERIALIZED (
      SELECT count(*) AS sims, min(${isHours ? firstDay : sql`NULL`}) AS first FROM (
        SELECT DISTINCT sim_id FROM ${simsCarrying(whose.accountId, whose.tags ?? [])} LIMIT ${MOST_SIMS + 1}) AS own),
    last AS MATERIALIZED (
      SELECT sims > ${most} AS too_many, iif(sims > ${most}, ${days(first - 1)}, ${upTo}) AS day FROM few)
    SELECT * FROM (
      SELECT key, NULL AS iccid, ${SUMS}, ${ALL_WANTED}
      FROM (SELECT ${key} AS key, ${A_RECORD} FROM ${records}) ${behind} GROUP BY key
      UNION ALL
      SELECT day * 24 + 23, NULL, '0', '0', 0, 0, 0, 1, too_many FROM last WHERE day < ${days(last)}
    ) ORDER BY is_last AND NOT ${isHours ? 1 : 0}, key, is_last LIMIT ${limit}`;
}

const SUMS = sql`
  ${sumText(sql`upload`)} AS upload, ${sumText(sql`download`)} AS download,
  ${SUM_OF_BYTES} AS bytes, coalesce(sum(records), 0) AS records`;

/** What a period's groups are summed from: totals of days or hours, or records where a SIM has no finer totals. */
function partsOf(group: Exclude<Group, "sim">, whose: Whose, period: Period): SQL {
  const days = (key: SQL) =>
    sql`SELECT ${key} AS key, upload, download, records FROM ${visibleDays(whose, dayOf(period.begin), dayOf(period.end - 1))}`;
  switch (group) {
    case "hours":
      return byHour(whose, period, sql`hour`);
    case "network":
      return whose.sim
        ? sql`SELECT country_code || ${NETWORK} AS key, ${A_RECORD} FROM ${recordsOfSim({ ...whose, sim: whose.sim }, period)}`
        : byHour(whose, period, sql`country_code || network`);
    case "months":
      return days(sql`unixepoch(day * 86400, 'unixepoch', 'start of month') / 86400`);
    case "country":
      return days(sql`country_code`);
    default:
      return days(sql`day`);
  }
}

const A_RECORD = sql`upload, download, 1 AS records`;

/** From the account's hours, of which `key` is read. */
function byHour(whose: Whose, period: Period, key: SQL): SQL {
  const [first, last] = [period.begin, period.end - 1].map((time) => Math.floor(time / HOUR_MS));
  return sql`
    SELECT ${key} AS key, upload, download, records FROM account_hours
    WHERE account_id = ${whose.accountId} AND hour BETWEEN ${first} AND ${last} ${inCountry(whose)}`;
}

/**
 * A SIM's hours. The first `limit` hours that records are met in end the page's part of the period, so that those behind
 * it are not read; which hours these are matters to the cost alone, since no `limit` hours end before the page's.
 */
function hoursPage(
  whose: OneSim,
  { begin, end }: Period,
  { after, limit }: { after: GroupKey | undefined; limit: number },
): SQL {
  const behind = typeof after === "number" ? (after + 1) * HOUR_MS : begin;
  const rest = { begin: Math.max(begin, behind), end };
  const lastMinute = sql`(SELECT minute FROM last)`;
  return sql`
    WITH last AS MATERIALIZED (
      SELECT max(hour) * 60 + 59 AS minute FROM (
        SELECT DISTINCT minute / 60 AS hour FROM ${recordsOfSim(whose, rest)} LIMIT ${limit}))
    SELECT minute / 60 AS key, NULL AS iccid, ${SUMS}, ${ALL_WANTED}
    FROM (SELECT minute, ${A_RECORD} FROM ${recordsOfSim(whose, rest, lastMinute)})
    GROUP BY key ORDER BY key LIMIT ${limit}`;
}

/** The visible SIMs, each with its sums: only the days of the page's SIMs are read. */
function simsPage(
  whose: Whose,
  { begin, end }: Period,
  { after = "", limit }: { after: GroupKey | undefined; limit: number },
): SQL {
  const { accountId, sim, tags } = whose;
  const from = (id: SQL) =>
    sql`AND ${id} > ${after} ${sim ? sql`AND ${id} = ${sim}` : sql``} ORDER BY ${id} LIMIT ${limit}`;
  const some =
    tags === null
      ? sql`SELECT id, iccid FROM sims WHERE account_id = ${accountId} ${from(sql`id`)}`
      : sql`SELECT DISTINCT sim_id AS id, (SELECT iccid FROM sims WHERE sims.id = sim_id) AS iccid
          FROM ${simsCarrying(accountId, tags)} ${from(sql`sim_id`)}`;
  const days = visibleDays(whose, dayOf(begin), dayOf(end - 1), sql`SELECT id FROM page`);
  return sql`
    WITH page AS MATERIALIZED (${some})
    SELECT page.id AS key, page.iccid, ${SUMS}, ${ALL_WANTED}
    FROM page LEFT JOIN (SELECT sim_id, upload, download, records FROM ${days}) AS days ON days.sim_id = page.id
    GROUP BY page.id ORDER BY page.id`;
}
