import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import type { Event } from "../../events/schemas";
import { NOT_REFUSED } from "../../events/refusal";
import { DAY_MS, HOUR_MS } from "../../platform/time";
import { AHEAD_MS, type Live, liveOf } from "./presence";
import { asPatches, ENDS_KNOWN, keepSessions, OTHERS_GO_ON } from "./sessions";

/**
 * Statements that keep what events from `since` (ms, a SQL term) on say of their SIMs, where they are the newest that is known and it differs. So a SIM
 * that goes on as before costs no written row; what changes apart is set apart, since each column's index costs one.
 */
export function keepLive(db: Db, events: readonly Event[], since: SQL) {
  const lives = liveOf(events);
  return [
    statement(db, presence(lives, since)),
    statement(db, sessionsOf(lives, since)),
    statement(db, place(lives, since)),
    statement(db, usageToSortBy(events)),
  ] as const;
}

function presence(lives: readonly Live[], since: SQL): SQL {
  const rows = lives
    .filter(({ online }) => online !== null)
    .map(({ sessions, ...live }) => [
      live.sim_id,
      live.online_told,
      Number(live.online),
      live.online_since,
      live.came_online,
      asPatches(sessions).all,
      Number(sessions.endsOne),
      Number(sessions.reset),
    ]);
  const columns = [
    "sim_id",
    "time",
    "online",
    "online_since",
    "came_online",
    "sessions",
    "ends_one",
    "reset",
  ];
  const online = sql`(told.online OR told.ends_one AND ${OTHERS_GO_ON})`;
  // A batch that comes again must not bring it online before what it was last seen to do; and while a session goes on
  // that the batch does not tell of, it was not offline in between.
  const cameOnline = sql`CASE WHEN NOT (sims.online AND ${OTHERS_GO_ON}) THEN coalesce(told.came_online,
    CASE WHEN NOT sims.online AND told.online_since > sims.seen_at THEN told.online_since END) END`;
  // Most SIMs are online and stay so. Nothing changes then, and the conditions below read JSON.
  const mayChange = sql`NOT (sims.online AND told.online AND told.came_online IS NULL)`;
  // The last session of a SIM may end, by the times, before records of another that came sooner.
  const lastEnds = sql`(told.ends_one AND NOT ${online} AND ${ENDS_KNOWN} AND told.time >= coalesce(${lastLogged(TELLS_PRESENCE)}, 0))`;
  return sql`
    UPDATE sims SET online = ${online}, seen_at = max(seen_at, told.time),
      online_at = CASE WHEN ${online} THEN coalesce(${cameOnline}, online_at) END,
      last_came_online_at = coalesce(${cameOnline}, last_came_online_at)
    FROM ${asTable(columns, rows)} AS told
    WHERE sims.id = told.sim_id AND told.time >= ${since}
      AND ${mayChange}
      AND (${online} <> sims.online OR ${cameOnline} <> last_came_online_at)
      AND (${isNewest(TELLS_PRESENCE)} OR ${lastEnds})`;
}

const TELLS_PRESENCE = sql`AND type IN ('network-registration', 'network-deregistration', 'location')`;

/** The open sessions, of SIMs whose events name some; after {@link presence}, which compares with those from before. */
function sessionsOf(lives: readonly Live[], since: SQL): SQL {
  const rows = lives
    .filter(({ sessions }) => sessions.time > 0)
    .map(({ sim_id, sessions }) => {
      const { all, ends } = asPatches(sessions);
      return [sim_id, sessions.time, all, ends, Number(sessions.reset)];
    });
  const table = asTable(["sim_id", "time", "sessions", "ends", "reset"], rows);
  return keepSessions(table, since, sql`told.time >= coalesce(${latestDay(sql`last_time`)}, 0)`);
}

/** An event that says the same as before is noted so often: usage has its own times. */
const SEEN_EVERY_MS = HOUR_MS;

function place(lives: readonly Live[], since: SQL): SQL {
  const rows = lives
    .map(({ sim_id, place_told, place_from, by_network, ...live }) => {
      const { imei, country_code, network, location } = live;
      const times = [place_told, place_from];
      return [sim_id, ...times, Number(by_network), imei, country_code, network, location];
    })
    .filter(([, , , ...fields]) => fields.some(Boolean));
  const country = sql`CASE
    WHEN told.country_code = '' AND told.network ->> 'mcc' IS NOT sims.network ->> 'mcc' THEN NULL
    ELSE coalesce(nullif(told.country_code, ''), sims.country_code) END`;
  const sameDevice = sql`(substr(told.imei, 1, 14) IS sims.device)`;
  const code = (network: SQL) => sql`(${network} ->> 'mcc', ${network} ->> 'mnc')`;
  // Of a network that is known already an event may name the codes alone.
  const network = sql`CASE
    WHEN told.network IS NULL AND ${country} IS sims.country_code THEN sims.network
    WHEN ${code(sql`told.network`)} = ${code(sql`sims.network`)} THEN json_patch(sims.network, told.network)
    ELSE told.network END`;
  const differs = (column: SQL, value: SQL) => sql`(${column} IS NOT NULL AND ${value})`;
  return sql`
    UPDATE sims SET seen_at = told.time,
      imei = CASE WHEN ${sameDevice} THEN sims.imei ELSE coalesce(told.imei, sims.imei) END, country_code = ${country},
      network = ${network}, location = coalesce(told.location, sims.location)
    FROM ${asTable(["sim_id", "time", "since", "by_network", "imei", "country_code", "network", "location"], rows)} AS told
    WHERE sims.id = told.sim_id AND told.since >= ${since}
      AND (${differs(sql`told.imei`, sql`NOT ${sameDevice}`)}
        OR ${differs(sql`told.country_code`, sql`${country} IS NOT sims.country_code`)}
        OR ${differs(sql`told.network`, sql`${network} IS NOT sims.network`)}
        OR ${differs(sql`told.location`, sql`told.location IS NOT sims.location`)}
        OR told.by_network AND told.time >= sims.seen_at + ${SEEN_EVERY_MS})
      AND ${isNewest(sql``)}`;
}

/** The month, as a number, of a day of `usage_days`. */
export const USAGE_MONTH = sql`CAST(strftime('%Y%m', day * 86400, 'unixepoch') AS INTEGER)`;

/** Within a tenth: the index would cost a written row for each usage event otherwise. */
function usageToSortBy(events: readonly Event[]): SQL {
  const ids = new Set(events.filter(({ type }) => type === "usage").map(({ sim_id }) => sim_id));
  return sql`
    UPDATE sims SET usage_month = latest.month, usage_sorted = latest.bytes
    FROM (
      SELECT sims.id, ${latestDay(USAGE_MONTH)} AS month, ${latestDay(sql`month_bytes`)} AS bytes
      FROM json_each(${JSON.stringify([...ids])}) CROSS JOIN sims ON sims.id = value
    ) AS latest
    WHERE sims.id = latest.id AND latest.month IS NOT NULL
      AND (latest.bytes >= usage_sorted * 1.1 + 1 OR usage_month <> latest.month)`;
}

/** Sets what SIMs (a subquery of ids) are sorted by to what their days say, which may be less than before. */
export function resetUsageToSortBy(simIds: SQL): SQL {
  return sql`
    UPDATE sims SET usage_month = latest.month, usage_sorted = latest.bytes
    FROM (
      SELECT sims.id, coalesce(${latestDay(USAGE_MONTH)}, 0) AS month, coalesce(${latestDay(sql`month_bytes`)}, 0) AS bytes
      FROM sims WHERE id IN ${simIds}
    ) AS latest
    WHERE sims.id = latest.id AND (usage_month, usage_sorted) IS NOT (latest.month, latest.bytes)`;
}

/** Of the last of the SIM's days of usage until now. */
function latestDay(column: SQL): SQL {
  return sql`(
    SELECT ${column} FROM usage_days WHERE usage_days.account_id = sims.account_id AND usage_days.sim_id = sims.id
      AND day <= ${Math.floor((Date.now() + AHEAD_MS) / DAY_MS)}
    ORDER BY day DESC, usage_days.country_code DESC LIMIT 1)`;
}

/**
 * Whether nothing newer is known: an event that changed nothing is in the daily totals, or in the network log, of which
 * `which` entries count. It is asked last, and so of SIMs only that would change.
 */
function isNewest(which: SQL): SQL {
  return sql`told.time >= max(sims.seen_at, coalesce(${latestDay(sql`last_time`)}, 0), coalesce(${lastLogged(which)}, 0))`;
}

/** The time of the newest entry of the network log that tells of the SIM, and of now. */
function lastLogged(which: SQL): SQL {
  return sql`(
    SELECT time FROM network_log WHERE network_log.account_id = sims.account_id AND network_log.sim_id = sims.id
      AND time <= ${Date.now() + AHEAD_MS} AND ${NOT_REFUSED} ${which}
    ORDER BY time DESC LIMIT 1)`;
}

/** Rows of values as a table of one parameter. What is asked of it often is read out of the JSON once. */
function asTable(columns: string[], rows: readonly unknown[][]): SQL {
  const read = columns.map((name, index) => sql.raw(`value ->> ${index} AS ${name}`));
  return sql`(SELECT ${sql.join(read, sql`, `)} FROM json_each(${JSON.stringify(rows)}) LIMIT -1)`;
}
