import type { Event } from "../../events/schemas";
import type { Network } from "../../events/details";
import { isRefused } from "../../events/refusal";
import type { LocatedAt } from "../../db/tables/types";
import { isAnyOpen, noSessions, noteSession, type Sessions } from "./sessions";

/** What a batch's events say of one SIM, in the order of their times. */
export interface Live {
  sim_id: string;
  /** Of the newest event that tells whether it is online, ms; 0: none. */
  online_told: number;
  /** Of the newest event that tells where and what it is. */
  place_told: number;
  /** Of the oldest event that tells that. */
  place_from: number;
  /** Whether that is told of by more than its usage, whose time is known from the daily totals. */
  by_network: boolean;
  /** null: no event told. */
  online: boolean | null;
  /** When it was online while it is not known whether it was before; null: it first went offline, or nothing told. */
  online_since: number | null;
  /** When it came online after it was offline, the last time. */
  came_online: number | null;
  sessions: Sessions;
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
      if (event.operation === "finalize") return false;
      return event.operation === "start" || event.operation === "update" ? true : undefined;
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
export const AHEAD_MS = 300_000;

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
    place_from: 0,
    by_network: false,
    online: null,
    online_since: null,
    came_online: null,
    sessions: noSessions(),
    imei: null,
    country_code: null,
    network: null,
    location: null,
  };
}

function note(live: Live, event: Event): void {
  // Who was refused is not there: it may be another's device, in a network that the SIM is kept from.
  if (isRefused(event)) return;
  notePresence(live, event);
  live.place_told = event.time;
  live.place_from ||= event.time;
  if (event.type !== "usage") {
    if (event.imei !== null && !/^0+$/.test(event.imei)) live.imei = event.imei;
    live.by_network = true;
  }
  const { network, location } = event;
  const country_code = event.country_code ?? countryless(live, network);
  if (network) live.network = { ...sameAs(live.network, network), ...told(network) };
  else if (country_code !== null && country_code !== live.country_code) live.network = null;
  live.country_code = country_code ?? live.country_code;
  // One in which nothing is known wipes no place that is.
  if (location && Object.values(location).some((value) => value !== null))
    live.location = { ...location, time: event.time };
}

function notePresence(live: Live, event: Event): void {
  noteSession(live.sessions, event);
  const saysOnline = onlineAfter(event);
  if (saysOnline === undefined) return;
  const online = saysOnline || isAnyOpen(live.sessions);
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
