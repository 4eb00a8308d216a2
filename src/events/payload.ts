import * as z from "zod";
import { classicTime, isoTime } from "../platform/time";
import { type Event, eventId, usagePayload } from "./schemas";
import { EVENT_TYPES, type EventType } from "./types";
import type { Details, Network } from "./details";
import type { ClassicPayload } from "./payload-schemas";

/** How a webhook is sent events: with the fields of the classic specification, or as the fleet API's flat objects. */
export const PAYLOADS = ["classic", "fleet"] as const;
export type Payload = (typeof PAYLOADS)[number];

/** What the fleet API calls an event's type. */
export function fleetType(type: string): string {
  return type === "network-validation" ? "network-authentication" : type;
}

/** What the classic API calls it. */
export function eventType(name: string): string {
  return name === "network-authentication" ? "network-validation" : name;
}

/** A type of event, by either of its names. */
export const TypeName = z
  .enum([...EVENT_TYPES, "network-authentication"])
  .transform((name): EventType =>
    name === "network-authentication" ? "network-validation" : name,
  );

/** An event as the feed, `/events/{id}` and replays know it: `data` is what webhooks are sent. */
export interface PublicEvent {
  id: string;
  type: EventType;
  /** Of a correction: the id of what it replaces. */
  replaces?: string;
  data: ClassicPayload;
}

export async function publicEvent(event: Event): Promise<PublicEvent> {
  const replaces = event.type === "usage" ? event.replaces : undefined;
  return {
    id: await eventId(event),
    type: event.type,
    ...(replaces !== undefined && { replaces }),
    data: classicPayload(event),
  };
}

/** Exactly the fields of the specification's samples; of the types that it lacks, the like. */
export function classicPayload(event: Event): ClassicPayload {
  if (event.type === "usage") return usagePayload(event);
  const { sim_id, imei, country_code } = event;
  const base = { time: classicTime(event.time), sim_id, imei, country_code };
  if (event.type === "network-registration")
    return { ...base, country_code_previous: event.country_code_previous };
  return event.type === "location" ? { ...base, location: event.location } : base;
}

/** What the fleet payload says of an event's SIM. */
export interface SimFacts {
  iccid: string | null;
  label: string | null;
  ipv4: string | null;
  imei: string | null;
  network: Partial<Network> | null;
  country_code: string | null;
}

/** The flat object of the fleet API (section 11.2 of its sheet): absent is what neither the event nor its SIM tells. */
export function fleetPayload(event: Event, sim: SimFacts): Record<string, unknown> {
  const { sim_id, session_id, network_type } = event;
  const imei = (event.type === "usage" ? null : event.imei) ?? sim.imei;
  return {
    type: fleetType(event.type),
    time: isoTime(event.time),
    sim_id,
    iccid: sim.iccid,
    sim_label: sim.label,
    ...(sim.ipv4 !== null && { ipv4: sim.ipv4 }),
    ...(imei !== null && { imei }),
    ...(session_id !== undefined && { session_id }),
    ...(network_type !== undefined && { network_type }),
    network: networkOf(event.network || event.country_code ? event : sim),
    ...own(event),
  };
}

function own(event: Event): Record<string, unknown> {
  switch (event.type) {
    case "usage": {
      const { bill_id, country_code, operation, replaces, upload, download } = event;
      const bytes = upload + download;
      const of = replaces === undefined ? {} : { replaces };
      return { bill_id, country_code, operation, ...of, bytes, upload, download };
    }
    case "location":
      return { location: event.location };
    case "network-registration":
      return { ...outcome(event), country_code_previous: event.country_code_previous };
    default:
      return outcome(event);
  }
}

function outcome({ status, reason }: Details) {
  return { status: status ?? null, reason: reason ?? null };
}

const NOWHERE: Network = { name: null, country: null, country_code: null, mcc: null, mnc: null };

/** The network that an event came by; where it names none, the country is all that is known of it. */
export function networkOf({
  network,
  country_code,
}: {
  network?: Partial<Network> | null | undefined;
  country_code: string | null;
}): Network {
  const known = { ...NOWHERE, ...network };
  return { ...known, country_code: known.country_code ?? country_code?.toUpperCase() ?? null };
}
