import { sql } from "drizzle-orm";
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
  /** null: none was named since the country changed. */
  network: Network | null;
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
  if (network || (country_code !== null && country_code !== live.country_code))
    live.network = network ?? null;
  live.country_code = country_code ?? live.country_code;
  if (location) live.location = { ...location, time: event.time };
}

/**
 * Keeps what events say of their SIMs, where they are the newest that is known and it differs; and the usage to sort
 * by, where the month's has grown by a tenth. So a SIM that goes on as before costs no written row.
 */
export function keepLive(db: Db, events: readonly Event[]) {
  const online = sql`coalesce(told ->> 'online', was.online)`;
  const cameOnline = sql`coalesce(told ->> 'came_online', CASE WHEN was.online = 0 THEN told ->> 'online_since' END)`;
  const country = sql`coalesce(told ->> 'country_code', was.country_code)`;
  const network = sql`coalesce(told ->> 'network', CASE WHEN ${country} IS was.country_code THEN was.network END)`;
  const month = sql`coalesce(CAST(strftime('%Y%m', (latest ->> 'day') * 86400, 'unixepoch') AS INTEGER), 0)`;
  const told = sql`CASE WHEN told ->> 'time' >= max(seen_at, coalesce(latest ->> 'last_time', 0)) THEN told END`;
  return statement(
    db,
    sql`
    UPDATE sims SET (online, online_at, last_came_online_at, imei, country_code, network, location, seen_at,
        usage_month, usage_sorted) =
      (next.online, next.online_at, next.last_came_online_at, next.imei, next.country_code, next.network,
        next.location, next.seen_at, next.usage_month, next.usage_sorted)
    FROM (
      SELECT was.id, ${online} AS online,
        CASE WHEN ${online} THEN coalesce(${cameOnline}, was.online_at) END AS online_at,
        coalesce(${cameOnline}, was.last_came_online_at) AS last_came_online_at,
        coalesce(told ->> 'imei', was.imei) AS imei, ${country} AS country_code, ${network} AS network,
        coalesce(told ->> 'location', was.location) AS location,
        coalesce(told ->> 'time', was.seen_at) AS seen_at,
        ${month} AS usage_month, coalesce(latest ->> 'month_bytes', 0) AS usage_sorted
      FROM (
        SELECT id, latest, ${told} AS told FROM (
          SELECT sims.id, sims.seen_at, value AS told, (
            SELECT json_object('day', day, 'month_bytes', month_bytes, 'last_time', last_time) FROM usage_days
            WHERE usage_days.account_id = sims.account_id AND sim_id = sims.id
            ORDER BY day DESC, usage_days.country_code DESC LIMIT 1
          ) AS latest
          FROM json_each(${JSON.stringify(liveOf(events))}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'
        )
      ) AS newest
      CROSS JOIN sims AS was ON was.id = newest.id
    ) AS next
    WHERE sims.id = next.id AND (
      (sims.online, sims.imei, sims.country_code, sims.network, sims.location, sims.last_came_online_at)
        IS NOT (next.online, next.imei, next.country_code, next.network, next.location, next.last_came_online_at)
      OR sims.usage_month <> next.usage_month OR next.usage_sorted >= sims.usage_sorted * 1.1 + 1)`,
  );
}
