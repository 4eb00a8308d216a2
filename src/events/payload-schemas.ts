import * as z from "zod";
import { ByteText, ClassicTime, IsoTime } from "../http/responses";
import { Network, Place } from "./network-schema";
import { OPERATIONS } from "./types";

const Imei = z.string().nullable().describe("14 to 16 digits; null: not told.");
const Country = z
  .string()
  .nullable()
  .describe("Two letters, lower case; null: a network of no country, or of one that was not told.");

/** A usage record of the classic API: what its webhooks are sent too. */
export const UsageRecord = z
  .object({
    time: ClassicTime,
    bill_id: z.string(),
    sim_id: z.string(),
    country_code: Country,
    operation: z
      .enum(OPERATIONS)
      .describe(
        "`correct`: of an event only, which mends the record of the same SIM that it names.",
      ),
    upload: ByteText.describe("Bytes, as text."),
    download: ByteText.describe("Bytes, as text."),
  })
  .meta({ id: "UsageRecord", description: "A usage record, with the specification's fields." });
export type UsageRecord = z.output<typeof UsageRecord>;

const seen = { time: ClassicTime, sim_id: z.string(), imei: Imei, country_code: Country };

/** What webhooks of the payload `classic` are sent, by type. */
export const ClassicPayloads = {
  usage: UsageRecord,
  "network-validation": z.object(seen).meta({ id: "NetworkValidation" }),
  "network-registration": z
    .object({ ...seen, country_code_previous: Country })
    .meta({ id: "NetworkRegistration" }),
  "network-deregistration": z.object(seen).meta({ id: "NetworkDeregistration" }),
  location: z.object({ ...seen, location: Place }).meta({ id: "Location" }),
};

export type ClassicPayload = {
  [T in keyof typeof ClassicPayloads]: z.output<(typeof ClassicPayloads)[T]>;
}[keyof typeof ClassicPayloads];

const fleet = <T extends string>(type: T) => ({
  type: z.literal(type),
  time: IsoTime,
  sim_id: z.string(),
  iccid: z.string().nullable(),
  sim_label: z.string().nullable(),
  ipv4: z.string().optional(),
  imei: z.string().optional().describe("The event's, else the last one known of the SIM."),
  session_id: z.string().optional(),
  network_type: z.string().optional(),
  network: Network,
});
const outcome = { status: z.string().nullable(), reason: z.string().nullable() };

/** What webhooks of the payload `fleet` are sent, by type. */
export const FleetPayloads = {
  usage: z
    .object({
      ...fleet("usage"),
      bill_id: z.string(),
      country_code: Country,
      operation: z.enum(OPERATIONS),
      replaces: z.string().optional().describe("Of a correction: the id of what it replaces."),
      bytes: z.int(),
      upload: z.int(),
      download: z.int(),
    })
    .meta({ id: "FleetUsageEvent" }),
  "network-authentication": z
    .object({ ...fleet("network-authentication"), ...outcome })
    .meta({ id: "FleetNetworkAuthentication" }),
  "network-registration": z
    .object({
      ...fleet("network-registration"),
      ...outcome,
      country_code_previous: Country,
    })
    .meta({ id: "FleetNetworkRegistration" }),
  "network-deregistration": z
    .object({ ...fleet("network-deregistration"), ...outcome })
    .meta({ id: "FleetNetworkDeregistration" }),
  location: z.object({ ...fleet("location"), location: Place }).meta({ id: "FleetLocation" }),
};
