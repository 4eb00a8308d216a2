import * as z from "zod";
import { SecretMeta } from "../connectors/responses";
import { PAYLOADS } from "../../events/payload";
import { IsoTime, Pagination } from "../../http/responses";
import { Tag } from "../tags/responses";
import { DELIVERY_STATUS } from "../../pipeline/delivery/log";
import { FAILURES } from "../../pipeline/delivery/failure";
import { RETRY_POLICIES } from "../../pipeline/delivery/retry-schedule";

/** A webhook as the API answers it. */
export const Webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    label: z.string().nullable(),
    active: z.boolean(),
    exclude_types: z.array(z.string()).describe("Event types that are not sent."),
    tags: z
      .array(Tag)
      .describe("Only events of SIMs that carry one of them are sent; none: of all SIMs."),
    payload: z.enum(PAYLOADS),
    retry: z.enum(RETRY_POLICIES),
    disabled_at: IsoTime.nullable().describe("Set when the webhook was switched off by itself."),
    disabled_reason: z.enum(["gone", "failing"]).nullable(),
    meta: z.object({ authorization: SecretMeta, secret: SecretMeta }),
  })
  .meta({ id: "Webhook", description: "An endpoint of yours, and what it is sent." });
export type Webhook = z.output<typeof Webhook>;

export const NewWebhook = z
  .object({ ...Webhook.shape, secret: z.string().describe("Its signing secret: shown only here.") })
  .meta({ id: "NewWebhook", description: "A webhook as it is made, with its signing secret." });
export type NewWebhook = z.output<typeof NewWebhook>;

/** A webhook's new signing secret; the one before signs beside it until `previous_secret_until`. */
export const RotatedSecret = z
  .object({ secret: z.string(), previous_secret_until: IsoTime })
  .meta({ id: "RotatedSecret" });
export type RotatedSecret = z.output<typeof RotatedSecret>;

const outcome = {
  response_status: z.int().nullable().describe("What the endpoint answered; null: it did not."),
  failure: z
    .enum(FAILURES)
    .nullable()
    .describe("Why there is no answer; `url_forbidden` and `webhook_off`: nothing was sent."),
  duration_ms: z.int(),
};

/** A delivery as it is logged and listed. */
export const Delivery = z
  .object({
    event_id: z.string(),
    type: z.string(),
    sim_id: z.string(),
    attempt: z.int().min(1).describe("From 1."),
    time: IsoTime,
    status: z
      .enum(DELIVERY_STATUS)
      .describe("`retrying` failed and will be tried again, `failed` will not."),
    ...outcome,
  })
  .meta({ id: "Delivery", description: "A try to deliver an event." });
export type Delivery = z.output<typeof Delivery>;

export const DeliveryPage = z
  .object({
    deliveries: z.array(Delivery),
    pagination: Pagination,
    unlisted: z
      .int()
      .optional()
      .describe(
        "Tries of all webhooks of the account that the log does not list, since the bytes of their day were used up. Absent for keys with tags.",
      ),
  })
  .meta({ id: "DeliveryPage" });
export type DeliveryPage = z.output<typeof DeliveryPage>;

export const ReplayCount = z
  .object({ events: z.int().describe("How many events the replay sends, or would.") })
  .meta({ id: "ReplayCount" });

/** A replay that has not ended. */
export const RunningReplay = z
  .object({
    events: z.int().describe("How many events it sends."),
    sent: z.int().describe("How many of them it has sent."),
    started_at: IsoTime,
  })
  .meta({ id: "RunningReplay", description: "A replay that has not ended." });
export type RunningReplay = z.output<typeof RunningReplay>;

/** What an endpoint made of a test event. */
export const TestResult = z
  .object({
    event_id: z.string(),
    accepted: z.boolean(),
    ...outcome,
    response: z.string().describe("The first 1 KB of what it said."),
  })
  .meta({ id: "TestResult", description: "What an endpoint made of a test event." });
export type TestResult = z.output<typeof TestResult>;

export const Webhooks = z.array(Webhook);
