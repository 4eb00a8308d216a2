import * as z from "zod";
import type { ErrorCode } from "../platform/errors";
import { isObject } from "../http/body";
import { shownAs } from "../platform/shown-as";
import { PARSING } from "../http/error-detail";
import { refusalOf } from "../http/validate";
import { CountryCode, Imei, SimId } from "../http/scalars";
import { plainText } from "../platform/text";
import { contentOf } from "./content";
import { absentOrNull, DETAILS, Location } from "./details";
import { readReported, type Warning } from "./read-reported";
import { classicTime, Time, isoTime } from "../platform/time";
import { type EventType, OPERATIONS } from "./types";

/** Given by who reports it; printable ASCII, since it travels in a header. */
export const EventId = z.string().regex(/^(?!\.{1,2}$)[\x21-\x7e]{1,128}$/);
const Id = absentOrNull(EventId);
const EventTime = Time.pipe(z.int().min(0));

/** null: a network of no country (MCC 901), or of one that the core network does not know. */
const Country = CountryCode.nullable().default(null);
const Device = Imei.nullable().default(null);

/** A record of more than 100 TB is a mistake. */
const ByteCount = z.int().min(0).max(1e14);
const ByteText = z.string().regex(/^[0-9]{1,15}$/);
const Bytes = shownAs(
  z.union([ByteCount, ByteText]),
  z.union([z.int(), ByteText.transform(Number)]).pipe(ByteCount),
);

const Usage = z
  .object({
    type: z.literal("usage"),
    id: Id,
    time: EventTime,
    bill_id: plainText(255),
    sim_id: SimId,
    country_code: Country,
    operation: z.enum(OPERATIONS),
    /** Of a correction: the id of the record that it mends, or of an earlier correction of it. */
    replaces: EventId.optional(),
    upload: Bytes,
    download: Bytes,
    ...DETAILS,
  })
  .refine(({ operation, replaces }) => (operation === "correct") === (replaces !== undefined), {
    path: ["replaces"],
  });

const NetworkValidation = z.object({
  type: z.literal("network-validation"),
  id: Id,
  time: EventTime,
  sim_id: SimId,
  imei: Device,
  country_code: Country,
  ...DETAILS,
});

const NetworkRegistration = NetworkValidation.extend({
  type: z.literal("network-registration"),
  country_code_previous: Country,
});

const NetworkDeregistration = NetworkValidation.extend({
  type: z.literal("network-deregistration"),
});

const Located = NetworkValidation.extend({
  type: z.literal("location"),
  location: Location,
});

/** Every event there is, as it is reported. */
export const Event = z.discriminatedUnion("type", [
  Usage,
  NetworkValidation,
  NetworkRegistration,
  NetworkDeregistration,
  Located,
]);
export type Event = z.output<typeof Event>;
export type UsageEvent = z.output<typeof Usage>;
export type NetworkEvent = Exclude<Event, UsageEvent>;

/** True of an event that changes the record of another. */
export function isCorrection(event: Event): boolean {
  return event.type === "usage" && event.operation === "correct";
}

const SAMPLE = {
  time: Date.UTC(2018, 0, 1, 1, 23, 45),
  sim_id: "192837465",
  imei: "1234567890987654",
  country_code: "dk",
};

/** The specification's sample of each type that it has, and one like it of the others. */
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
  "network-deregistration": { type: "network-deregistration", ...SAMPLE },
  location: {
    type: "location",
    ...SAMPLE,
    location: {
      lat: 55.6761,
      lng: 12.5683,
      cell_id: 21_679_616,
      location_area_code: 678,
      accuracy: 500,
    },
  },
};

/**
 * An event and what was left out of it, or the code of its first wrong field. The fleet API's name of a type is taken,
 * the `log_type` of a network log's entry, and the network's country where none is given.
 */
export function parseEvent(
  value: unknown,
): { event: Event; warnings: Warning[] } | { error: ErrorCode; detail?: string } {
  if (!isObject(value)) return { error: "event_invalid" };
  const { fields, warnings } = readReported(value);
  const named = fields.type ?? fields.log_type;
  const type = named === "network-authentication" ? "network-validation" : named;
  const network = isObject(fields.network) ? fields.network : {};
  const country_code = fields.country_code ?? network.country_code;
  const parsed = Event.safeParse({ ...fields, type, country_code }, PARSING);
  return parsed.success ? { event: parsed.data, warnings } : refusalOf(parsed.error).asEntry();
}

/** An event as JSON that {@link parseEvent} takes. */
export function serializeEvent(event: Event): Record<string, unknown> {
  return { ...event, time: isoTime(event.time) };
}

/**
 * What makes two reports the same event: SIM, type and id where one is given, else the fields that design.md names.
 * The type counts, since a core network may number its records and its network events apart; the SIM, since a number
 * may start again with each gateway or file. A correction without an id is known by all that it says.
 */
export function identityOf(event: Event): string {
  const { id, type, sim_id, time } = event;
  if (id !== undefined) return JSON.stringify(["id", type, sim_id, id]);
  if (event.type !== "usage")
    return JSON.stringify([type, sim_id, time, event.imei || null, event.country_code || null]);
  const { bill_id, operation, session_id } = event;
  const own = operation === "correct" ? [contentOf(event)] : session_id ? [session_id] : [];
  return JSON.stringify([type, sim_id, time, bill_id, operation, ...own]);
}

/**
 * The event's public id: the given one, else one made of time, SIM and a hash of its identity,
 * so that the same event has the same id wherever it is computed.
 */
export async function eventId(event: Event): Promise<string> {
  return event.id ?? madeId(event, identityOf(event));
}

/**
 * The id of an event that the operator counts as well as, or in place of, the one with the same identity: made of its
 * content too, so that receivers do not take it for that one.
 */
export async function idByContent(event: Event): Promise<string> {
  return madeId(event, `${identityOf(event)} ${contentOf(event)}`);
}

async function madeId(event: Event, of: string): Promise<string> {
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(of)),
  );
  return `evt_${event.time.toString(36)}_${event.sim_id}_${digest.subarray(0, 8).toHex()}`;
}

/** Where an id that {@link eventId} made says that its event is. */
export function readEventId(id: string): { time: number; sim_id: string } | undefined {
  const [, time, sim_id] = /^evt_([0-9a-z]{1,10})_([0-9]{9})_[0-9a-f]{16}$/.exec(id) ?? [];
  return time && sim_id ? { time: Number.parseInt(time, 36), sim_id } : undefined;
}

/** The fields of a usage event that the specification knows. */
export type ClassicUsage = Pick<
  UsageEvent,
  "time" | "bill_id" | "sim_id" | "country_code" | "operation" | "upload" | "download"
>;

/** What a webhook is sent of a usage event, and what `/usage` lists: the specification's fields, in its order. */
export function usagePayload(event: ClassicUsage) {
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
