import * as z from "zod";
import { Network, Place } from "../../events/network-schema";
import { Detail, ErrorCode, IsoTime, Pagination, Rejection } from "../../http/responses";
import { Tag } from "../tags/responses";

/** A SIM as the classic API answers it. */
export const ClassicSim = z
  .object({
    id: z.string(),
    alias: z.string().nullable(),
    active: z.boolean(),
    connector: z.string().optional().describe("The connector's id; only where one is set."),
  })
  .meta({ id: "ClassicSim", description: "A SIM of the classic API." });
export type ClassicSim = z.output<typeof ClassicSim>;

const issued = (what: string) =>
  z.string().nullable().describe(`${what} that the operator issued; null where it did not say.`);

/** A SIM as the fleet API answers it (section 3.3 of its sheet). */
export const FleetSim = z
  .object({
    id: z.string().describe("Nine digits."),
    iccid: issued("The ICCID"),
    imsi: issued("The IMSI"),
    msisdn: issued("The MSISDN"),
    eid: issued("The EID of the eSIM"),
    label: z.string().nullable(),
    network_whitelist: z.string().nullable().describe("The name of its network list."),
    imei_lock: z.string().nullable().describe("The device that the SIM is bound to."),
    imei: z.string().nullable().describe("The device of the newest event that told one."),
    connector: z.string().nullable().describe("The name of its connector."),
    activated: z.boolean(),
    ipv4: issued("The IPv4 address"),
    online: z.boolean(),
    online_at: IsoTime.nullable(),
    last_came_online_at: IsoTime.nullable(),
    last_seen_at: IsoTime.nullable(),
    network: Network,
    usage: z.int().describe("Bytes of the month (UTC)."),
    tags: z.array(Tag),
    data_limit: z.object({
      used: z.int().describe("Bytes of the month (UTC)."),
      total: z.int().describe("Bytes a month."),
      type: z.literal("monthly"),
      period: z.string().describe("The month, `YYYYMM`."),
      alert_threshold: z.int().nullable(),
      resets_at: IsoTime,
    }),
    location: Place.extend({ time: IsoTime })
      .optional()
      .describe("Absent until an event tells it."),
    technologies: z.object({ sms: z.boolean(), "2g_3g": z.boolean(), "4g": z.boolean() }),
  })
  .meta({ id: "FleetSim", description: "A SIM of the fleet API." });
export type FleetSim = z.output<typeof FleetSim>;

/** Those that a piece finds. */
export const FleetSims = z.array(FleetSim);

export const SimPage = z
  .object({ pagination: Pagination, sims: z.array(FleetSim) })
  .meta({ id: "SimPage" });
export type SimPage = z.output<typeof SimPage>;

/** A change that is refused: the item's `id` as it was given, where it is a text. */
export const RefusedChange = z
  .object({
    index: z.int(),
    id: z.string().nullable(),
    error: ErrorCode,
    detail: Detail.optional(),
  })
  .meta({
    id: "RefusedChange",
    description: "A change that is refused, and the code that says why.",
  });
export type RefusedChange = z.output<typeof RefusedChange>;

const MadeChange = z
  .object({
    index: z.int(),
    id: z.string(),
    sim: FleetSim.nullable().describe(
      "null where the answer has come to 4 MB: the change was made, and `GET /sims/{sim_id}` shows it.",
    ),
  })
  .meta({ id: "MadeChange", description: "The SIM as it is after its change, or would be." });

/** What became of a change, or would. */
export const ChangeResult = z.union([MadeChange, RefusedChange]);
export type ChangeResult = z.output<typeof ChangeResult>;

export const ChangeResults = z
  .object({ results: z.array(ChangeResult) })
  .meta({ id: "ChangeResults" });

export const IssuedCards = z
  .object({ issued: z.int(), rejected: z.array(Rejection) })
  .meta({ id: "IssuedCards" });
