import * as z from "zod";
import { IsoTime, Pagination, Rejection } from "../src/http/responses";
import { Network } from "../src/events/network-schema";
import { ClassicPayloads } from "../src/events/payload-schemas";
import { Unmatched } from "../src/pipeline/queues/unmatched-response";

const event = <T extends keyof typeof ClassicPayloads>(type: T) =>
  z.object({
    id: z.string().describe("The `webhook-id`."),
    type: z.literal(type),
    data: ClassicPayloads[type].describe("What webhooks of the payload `classic` are sent."),
  });

/** An event as the feed and `/events/{id}` answer it. */
export const PublicEvent = z
  .discriminatedUnion("type", [
    event("usage").extend({
      replaces: z
        .string()
        .optional()
        .describe("Of a correction (`operation: correct`): the id of the event that it replaces."),
    }),
    event("network-validation"),
    event("network-registration"),
    event("network-deregistration"),
    event("location"),
  ])
  .meta({ id: "Event", description: "An event of one of the account's SIMs." });

export const FeedPage = z
  .object({
    events: z.array(PublicEvent),
    pagination: z.object({
      has_more: z.boolean(),
      next_page: z
        .string()
        .describe("There on the last page too: what is stored later comes behind it, as `after`."),
    }),
  })
  .meta({ id: "EventPage" });

const NetworkLogEntry = z
  .object({
    id: z.string().describe("The event's id."),
    time: IsoTime,
    sim_id: z.string(),
    iccid: z.string(),
    imei: z.string().describe("Empty where it is not known."),
    status: z.string().nullable(),
    reason: z.string().nullable().describe("Why a registration was refused."),
    network_type: z.string().describe("Empty where it is not known."),
    network: Network,
    log_type: z.enum(["network-authentication", "network-registration", "network-deregistration"]),
  })
  .meta({ id: "NetworkLogEntry" });

export const NetworkLog = z.object({ docs: z.array(NetworkLogEntry) }).meta({ id: "NetworkLog" });

export const Report = z
  .object({
    accepted: z.int(),
    rejected: z.array(Rejection),
    warnings: z
      .array(
        Rejection.extend({ field: z.string().describe("`network`, or a part: `network.mnc`.") }),
      )
      .optional()
      .describe(
        "Fields that were left out or cut since they do not parse; their events were taken. Only where there are some, and at most 1,000.",
      ),
  })
  .meta({ id: "Report", description: "What became of reported events." });

export const UnmatchedPage = z
  .object({ events: z.array(Unmatched), pagination: Pagination })
  .meta({ id: "UnmatchedPage" });

export const Removed = z
  .object({ removed: z.int(), pagination: Pagination })
  .meta({ id: "Removed" });

export const Retried = z
  .object({ retried: z.int(), pagination: Pagination })
  .meta({ id: "Retried" });
