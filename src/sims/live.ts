import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import type { Event } from "../events/catalogue";
import type { Network } from "../events/details";
import type { LocatedAt } from "./schemas";

/** What a batch's events say of one SIM, in the order of their times. */
export interface Live {
  sim_id: string;
  /** Of the newest event, ms. */
  time: number;
  /** null: no event told. */
  online: boolean | null;
  /** When it was online while it is not known whether it was before; null: it first went offline, or nothing told. */
  online_since: number | null;
  /** When it came online after it was offline, the last time. */
  came_online: number | null;
  imei: string | null;
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
      // One with a reason was refused.
      return event.reason === undefined ? true : undefined;
    case "network-deregistration":
      return false;
    case "location":
      return true;
    default:
      return undefined;
  }
}

/** What events say of their SIMs, one entry a SIM. */
export function liveOf(events: readonly Event[]): Live[] {
  const lives = new Map<string, Live>();
  for (const event of events.toSorted((a, b) => a.time - b.time)) {
    const live = lives.get(event.sim_id) ?? nothingKnown(event.sim_id);
    lives.set(event.sim_id, live);
    live.time = event.time;
    note(live, event);
  }
  return [...lives.values()];
}

function nothingKnown(sim_id: string): Live {
  const nothing = { imei: null, country_code: null, network: null, location: null };
  return { sim_id, time: 0, online: null, online_since: null, came_online: null, ...nothing };
}

function note(live: Live, event: Event): void {
  const online = onlineAfter(event);
  if (online && live.online === null) live.online_since = event.time;
  if (online && live.online === false) live.came_online = event.time;
  live.online = online ?? live.online;
  if (event.type !== "usage") live.imei = event.imei ?? live.imei;
  const { network, country_code, location } = event;
  if (network) live.network = { ...sameAs(live.network, network), ...told(network) };
  else if (country_code !== null && country_code !== live.country_code) live.network = null;
  live.country_code = country_code ?? live.country_code;
  if (location) live.location = { ...location, time: event.time };
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
  const newest = newestOf(liveOf(events));
  return [
    statement(db, presence(newest)),
    statement(db, place(newest)),
    statement(db, usageToSortBy(newest)),
  ] as const;
}

function presence(newest: SQL): SQL {
  const cameOnline = sql`coalesce(told ->> 'came_online',
    CASE WHEN NOT sims.online THEN told ->> 'online_since' END)`;
  return sql`
    UPDATE sims SET online = told ->> 'online', seen_at = told ->> 'time',
      online_at = CASE WHEN told ->> 'online' THEN coalesce(${cameOnline}, online_at) END,
      last_came_online_at = coalesce(${cameOnline}, last_came_online_at)
    FROM (${newest}) AS newest
    WHERE sims.id = newest.id AND told ->> 'online' IS NOT NULL
      AND (told ->> 'online' <> sims.online OR ${cameOnline} <> last_came_online_at)`;
}

function place(newest: SQL): SQL {
  const imei = sql`coalesce(told ->> 'imei', sims.imei)`;
  const country = sql`coalesce(told ->> 'country_code', sims.country_code)`;
  const code = (network: SQL) => sql`(${network} ->> 'mcc', ${network} ->> 'mnc')`;
  // Of a network that is known already an event may name the codes alone.
  const network = sql`CASE
    WHEN told ->> 'network' IS NULL AND ${country} IS sims.country_code THEN sims.network
    WHEN ${code(sql`told -> 'network'`)} = ${code(sql`sims.network`)} THEN json_patch(sims.network, told -> 'network')
    ELSE told ->> 'network' END`;
  const location = sql`coalesce(told ->> 'location', sims.location)`;
  return sql`
    UPDATE sims SET seen_at = told ->> 'time', imei = ${imei}, country_code = ${country},
      network = ${network}, location = ${location}
    FROM (${newest}) AS newest
    WHERE sims.id = newest.id AND told IS NOT NULL
      AND (sims.imei, sims.country_code, sims.network, sims.location)
        IS NOT (${imei}, ${country}, ${network}, ${location})`;
}

/** Within a tenth: the index would cost a written row for each usage event otherwise. */
function usageToSortBy(newest: SQL): SQL {
  const month = sql`CAST(strftime('%Y%m', (latest ->> 'day') * 86400, 'unixepoch') AS INTEGER)`;
  const bytes = sql`(latest ->> 'month_bytes')`;
  return sql`
    UPDATE sims SET usage_month = ${month}, usage_sorted = ${bytes}
    FROM (${newest}) AS newest
    WHERE sims.id = newest.id AND latest IS NOT NULL
      AND (usage_month <> ${month} OR ${bytes} >= usage_sorted * 1.1 + 1)`;
}

/**
 * Each SIM's `latest` day of usage, and what is `told` of it: null where a newer event is known. A SIM's events that
 * change nothing are known by its usage alone.
 */
function newestOf(lives: Live[]): SQL {
  return sql`
    SELECT id, latest,
      CASE WHEN told ->> 'time' >= max(seen_at, coalesce(latest ->> 'last_time', 0)) THEN told END AS told
    FROM (
      SELECT sims.id, sims.seen_at, value AS told, (
        SELECT json_object('day', day, 'month_bytes', month_bytes, 'last_time', last_time) FROM usage_days
        WHERE usage_days.account_id = sims.account_id AND sim_id = sims.id
        ORDER BY day DESC, usage_days.country_code DESC LIMIT 1
      ) AS latest
      FROM json_each(${JSON.stringify(lives)}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
    )`;
}
