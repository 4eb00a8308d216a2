import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import type { Event } from "../events/catalogue";
import type { Network } from "../events/details";
import { DAY_MS } from "../time";
import type { LocatedAt } from "./schemas";

/** What a batch's events say of one SIM, in the order of their times. */
export interface Live {
  sim_id: string;
  /** Of the newest event that tells whether it is online, ms; 0: none. */
  online_told: number;
  /** Of the newest event that tells where and what it is. */
  place_told: number;
  /** Whether that is told of by more than its usage, whose time is known from the daily totals. */
  by_network: boolean;
  /** null: no event told. */
  online: boolean | null;
  /** When it was online while it is not known whether it was before; null: it first went offline, or nothing told. */
  online_since: number | null;
  /** When it came online after it was offline, the last time. */
  came_online: number | null;
  imei: string | null;
  /** '': a network without a country; null: not told. */
  country_code: string | null;
  /** What was told of it; null: none was named since the country changed. */
  network: Partial<Network> | null;
  location: LocatedAt | null;
}

/** Whether an event says that its SIM is online; undefined: it does not say. */
function onlineAfter(event: Event): boolean | undefined {
  switch (event.type) {
    case "usage":
      return event.operation !== "finalize";
    case "network-registration":
    case "location":
      return true;
    case "network-deregistration":
      return false;
    default:
      return undefined;
  }
}

/** A core network's clock may be ahead by so much; what comes from further ahead is stored, and tells nothing of now. */
const AHEAD_MS = 300_000;

/** What events say of their SIMs, one entry a SIM. */
export function liveOf(events: readonly Event[], now = Date.now()): Live[] {
  const lives = new Map<string, Live>();
  for (const event of events.toSorted((a, b) => a.time - b.time)) {
    if (event.time > now + AHEAD_MS) continue;
    const live = lives.get(event.sim_id) ?? nothingKnown(event.sim_id);
    lives.set(event.sim_id, live);
    note(live, event);
  }
  return [...lives.values()];
}

function nothingKnown(sim_id: string): Live {
  return {
    sim_id,
    online_told: 0,
    place_told: 0,
    by_network: false,
    online: null,
    online_since: null,
    came_online: null,
    imei: null,
    country_code: null,
    network: null,
    location: null,
  };
}

function note(live: Live, event: Event): void {
  // Who was refused is not there: it may be another's device, in a network that the SIM is kept from.
  if (event.reason !== undefined) return;
  notePresence(live, event);
  live.place_told = event.time;
  if (event.type !== "usage") {
    live.imei = event.imei ?? live.imei;
    live.by_network = true;
  }
  const { network, location } = event;
  const country_code = event.country_code ?? countryless(live, network);
  if (network) live.network = { ...sameAs(live.network, network), ...told(network) };
  else if (country_code !== null && country_code !== live.country_code) live.network = null;
  live.country_code = country_code ?? live.country_code;
  if (location) live.location = { ...location, time: event.time };
}

function notePresence(live: Live, event: Event): void {
  const online = onlineAfter(event);
  if (online === undefined) return;
  if (online && live.online === null) live.online_since = event.time;
  if (online && live.online === false) live.came_online = event.time;
  live.online = online;
  live.online_told = event.time;
}

/** '' where a network is told of without a country, unless its MCC is the one that is known; else null. */
function countryless(live: Live, network: Network | undefined): string | null {
  return network?.mcc && network.mcc !== live.network?.mcc ? "" : null;
}

/** What is known of a network, where it is the one that is told of. */
function sameAs(known: Partial<Network> | null, { mcc, mnc }: Network): Partial<Network> {
  return known && known.mcc === mcc && known.mnc === mnc ? known : {};
}

function told(network: Network): Partial<Network> {
  return Object.fromEntries(Object.entries(network).filter(([, value]) => value !== null));
}

/**
 * Statements that keep what events say of their SIMs, where they are the newest that is known and it differs. So a SIM
 * that goes on as before costs no written row; what changes apart is set apart, since each column's index costs one.
 */
export function keepLive(db: Db, events: readonly Event[]) {
  const lives = liveOf(events);
  return [
    statement(db, presence(lives)),
    statement(db, place(lives)),
    statement(db, usageToSortBy(events)),
  ] as const;
}

function presence(lives: readonly Live[]): SQL {
  const rows = lives
    .filter(({ online }) => online !== null)
    .map((live) => [
      live.sim_id,
      live.online_told,
      Number(live.online),
      live.online_since,
      live.came_online,
    ]);
  // A batch that comes again must not bring it online before what it was last seen to do.
  const cameOnline = sql`coalesce(told.came_online,
    CASE WHEN NOT sims.online AND told.online_since > sims.seen_at THEN told.online_since END)`;
  return sql`
    UPDATE sims SET online = told.online, seen_at = told.time,
      online_at = CASE WHEN told.online THEN coalesce(${cameOnline}, online_at) END,
      last_came_online_at = coalesce(${cameOnline}, last_came_online_at)
    FROM ${asTable(["sim_id", "time", "online", "online_since", "came_online"], rows)} AS told
    WHERE sims.id = told.sim_id AND told.time >= sims.visible_from
      AND (told.online <> sims.online OR ${cameOnline} <> last_came_online_at)
      AND ${isNewest(sql`AND type IN ('network-registration', 'network-deregistration', 'location')`)}`;
}

/** An event that says the same as before is noted so often: usage has its own times. */
const SEEN_EVERY_MS = 3_600_000;

function place(lives: readonly Live[]): SQL {
  const rows = lives
    .map(({ sim_id, place_told, by_network, imei, country_code, network, location }) => {
      return [sim_id, place_told, Number(by_network), imei, country_code, network, location];
    })
    .filter(([, , ...fields]) => fields.some(Boolean));
  const country = sql`CASE
    WHEN told.country_code = '' AND told.network ->> 'mcc' IS NOT sims.network ->> 'mcc' THEN NULL
    ELSE coalesce(nullif(told.country_code, ''), sims.country_code) END`;
  const code = (network: SQL) => sql`(${network} ->> 'mcc', ${network} ->> 'mnc')`;
  // Of a network that is known already an event may name the codes alone.
  const network = sql`CASE
    WHEN told.network IS NULL AND ${country} IS sims.country_code THEN sims.network
    WHEN ${code(sql`told.network`)} = ${code(sql`sims.network`)} THEN json_patch(sims.network, told.network)
    ELSE told.network END`;
  const differs = (column: SQL, value: SQL) => sql`(${column} IS NOT NULL AND ${value})`;
  return sql`
    UPDATE sims SET seen_at = told.time, imei = coalesce(told.imei, sims.imei), country_code = ${country},
      network = ${network}, location = coalesce(told.location, sims.location)
    FROM ${asTable(["sim_id", "time", "by_network", "imei", "country_code", "network", "location"], rows)} AS told
    WHERE sims.id = told.sim_id AND told.time >= sims.visible_from
      AND (${differs(sql`told.imei`, sql`told.imei IS NOT sims.imei`)}
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
  const logged = sql`(
    SELECT time FROM network_log WHERE network_log.account_id = sims.account_id AND network_log.sim_id = sims.id
      AND time <= ${Date.now() + AHEAD_MS} AND details ->> 'reason' IS NULL ${which}
    ORDER BY time DESC LIMIT 1)`;
  return sql`told.time >= max(sims.seen_at, coalesce(${latestDay(sql`last_time`)}, 0), coalesce(${logged}, 0))`;
}

/** Rows of values as a table of one parameter. What is asked of it often is read out of the JSON once. */
function asTable(columns: string[], rows: readonly unknown[][]): SQL {
  const read = columns.map((name, index) => sql.raw(`value ->> ${index} AS ${name}`));
  return sql`(SELECT ${sql.join(read, sql`, `)} FROM json_each(${JSON.stringify(rows)}) LIMIT -1)`;
}
