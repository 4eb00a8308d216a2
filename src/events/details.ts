import * as z from "zod";
import { shownAs } from "../platform/shown-as";
import { plainText } from "../platform/text";

export const STATUS_LENGTH = 64;
export const REASON_LENGTH = 255;

const MobileCode = (pattern: RegExp) => z.string().regex(pattern).nullable().default(null);

/** A mobile network; MCC and MNC are text, since their leading zeros count. */
export const Network = z.object({
  name: plainText(100).nullable().default(null),
  country: plainText(100).nullable().default(null),
  country_code: z
    .string()
    .regex(/^[a-zA-Z]{2}$/)
    .toUpperCase()
    .nullable()
    .default(null),
  mcc: MobileCode(/^[0-9]{3}$/),
  mnc: MobileCode(/^[0-9]{2,3}$/),
});
export type Network = z.output<typeof Network>;

const Degrees = (most: number) => z.number().min(-most).max(most).nullable().default(null);
const Cell = z.int().min(0).nullable().default(null);

/** The cell that a device is attached to, and about where that is; `accuracy` in metres. */
export const Location = z.object({
  lat: Degrees(90),
  lng: Degrees(180),
  cell_id: Cell,
  location_area_code: Cell,
  accuracy: z.number().min(0).nullable().default(null),
});
export type Location = z.output<typeof Location>;

/** May be left out or null; read-reported.ts takes null away before an event is parsed. */
export function absentOrNull<S extends z.ZodType>(schema: S) {
  return shownAs(schema.nullable().optional(), schema.optional());
}

/** What any event may say besides. */
export const DETAILS = {
  session_id: absentOrNull(plainText(253)),
  network_type: absentOrNull(plainText(16)),
  network: absentOrNull(Network),
  status: absentOrNull(plainText(STATUS_LENGTH)),
  reason: absentOrNull(plainText(REASON_LENGTH)),
  location: absentOrNull(Location),
};

const Details = z.object(DETAILS);
export type Details = z.output<typeof Details>;

/** An event with its details apart, as they are stored; without `details` where it has none. */
export function splitDetails<Event extends Details>(event: Event) {
  const { session_id, network_type, network, status, reason, location, ...rest } = event;
  const details = { session_id, network_type, network, status, reason, location };
  return Object.values(details).some((value) => value !== undefined) ? { ...rest, details } : rest;
}
