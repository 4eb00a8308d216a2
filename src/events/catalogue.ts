import * as z from "zod";
import type { ErrorCode } from "../errors";
import { isObject } from "../http/body";
import { codeOf } from "../http/validate";
import { SimId } from "../sims/schemas";
import { plainText } from "../text";
import { classicTime, Time } from "../time";

/** Given by who reports it; printable ASCII, since it travels in a header. */
export const EventId = z.string().regex(/^[\x21-\x7e]{1,128}$/);
const Id = EventId.optional();
const EventTime = Time.pipe(z.int().min(0));
const CountryCode = z
  .string()
  .regex(/^[a-zA-Z]{2}$/)
  .toLowerCase();
const Imei = z.string().regex(/^[0-9]{14,16}$/);
/** A record of more than 100 TB is a mistake; below it no sum of a day leaves SQLite's 64-bit integers. */
const Bytes = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^[0-9]{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0).max(1e14));

const Usage = z.object({
  type: z.literal("usage"),
  id: Id,
  time: EventTime,
  bill_id: plainText(255),
  sim_id: SimId,
  country_code: CountryCode,
  operation: z.enum(["start", "update", "finalize"]),
  upload: Bytes,
  download: Bytes,
});

const NetworkValidation = z.object({
  type: z.literal("network-validation"),
  id: Id,
  time: EventTime,
  sim_id: SimId,
  imei: Imei,
  country_code: CountryCode,
});

const NetworkRegistration = NetworkValidation.extend({
  type: z.literal("network-registration"),
  country_code_previous: CountryCode.nullable().default(null),
});

/** Every event there is, as it is reported. */
const Event = z.discriminatedUnion("type", [Usage, NetworkValidation, NetworkRegistration]);
export type Event = z.output<typeof Event>;
export type UsageEvent = z.output<typeof Usage>;
export type NetworkEvent = Exclude<Event, UsageEvent>;

export const EVENT_TYPES = ["usage", "network-validation", "network-registration"] as const;
export type EventType = Event["type"];

const SAMPLE = {
  time: Date.UTC(2018, 0, 1, 1, 23, 45),
  sim_id: "192837465",
  imei: "1234567890987654",
  country_code: "dk",
};

/** The specification's sample of each type. */
export const SAMPLES: Record<EventType, Event> = {
  usage: {
    type: "usage",
    time: SAMPLE.time,
    bill_id: "1234567890-1234",
    sim_id: SAMPLE.sim_id,
    country_code: SAMPLE.country_code,
    operation: "finalize",
    upload: 0,
    download: 0,
  },
  "network-validation": { type: "network-validation", ...SAMPLE },
  "network-registration": {
    type: "network-registration",
    ...SAMPLE,
    country_code_previous: "de",
  },
};

/** An event, or the code of its first wrong field. */
export function parseEvent(value: unknown): { event: Event } | { error: ErrorCode } {
  if (!isObject(value)) return { error: "event_invalid" };
  const parsed = Event.safeParse(value);
  return parsed.success ? { event: parsed.data } : { error: codeOf(parsed.error) };
}

/** An event as JSON that {@link parseEvent} takes. */
export function serializeEvent(event: Event): Record<string, unknown> {
  return { ...event, time: new Date(event.time).toISOString() };
}

/**
 * What makes two reports the same event: its type and its id where given, else the fields that design.md names.
 * The type counts, since a core network may number its records and its network events apart.
 */
export type Identity =
  | Pick<UsageEvent, "type" | "id" | "sim_id" | "time" | "bill_id" | "operation">
  | Pick<NetworkEvent, "type" | "id" | "sim_id" | "time" | "imei" | "country_code">;

export function identityOf(event: Identity): string {
  if (event.id !== undefined) return JSON.stringify(["id", event.type, event.id]);
  return JSON.stringify(
    event.type === "usage"
      ? [event.type, event.sim_id, event.time, event.bill_id, event.operation]
      : [event.type, event.sim_id, event.time, event.imei, event.country_code],
  );
}

/**
 * The event's public id: the given one, else one made of time, SIM and a hash of its identity,
 * so that the same event has the same id wherever it is computed.
 */
export async function eventId(event: Event): Promise<string> {
  if (event.id !== undefined) return event.id;
  const identity = new TextEncoder().encode(identityOf(event));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", identity));
  return `evt_${event.time.toString(36)}_${event.sim_id}_${digest.subarray(0, 8).toHex()}`;
}

/** Where an id that {@link eventId} made says that its event is. */
export function readEventId(id: string): { time: number; sim_id: string } | undefined {
  const [, time, sim_id] = /^evt_([0-9a-z]{1,10})_([0-9]{9})_[0-9a-f]{16}$/.exec(id) ?? [];
  return time && sim_id ? { time: Number.parseInt(time, 36), sim_id } : undefined;
}

/** What a webhook is sent of a usage event, and what `/usage` lists: the specification's fields, in its order. */
export function usagePayload(event: Omit<UsageEvent, "type" | "id">) {
  const { bill_id, sim_id, country_code, operation } = event;
  return {
    time: classicTime(event.time),
    bill_id,
    sim_id,
    country_code,
    operation,
    upload: String(event.upload),
    download: String(event.download),
  };
}

/** An event as the feed, `/events/{id}` and replays know it: `data` is what webhooks are sent. */
export interface PublicEvent {
  id: string;
  type: EventType;
  data: Record<string, string | null>;
}

export async function publicEvent(event: Event): Promise<PublicEvent> {
  return { id: await eventId(event), type: event.type, data: classicPayload(event) };
}

/** What a webhook is sent of an event: exactly the specification's sample fields. */
export function classicPayload(event: Event): Record<string, string | null> {
  if (event.type === "usage") return usagePayload(event);
  const { sim_id, imei, country_code } = event;
  const base = { time: classicTime(event.time), sim_id, imei, country_code };
  if (event.type === "network-validation") return base;
  return { ...base, country_code_previous: event.country_code_previous };
}
