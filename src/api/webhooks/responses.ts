import * as z from "zod";
import { SecretMeta } from "../connectors/responses";
import { PAYLOADS } from "../../events/payload";
import { IsoTime } from "../../http/responses";
import { Tag } from "../tags/responses";
import { OUTCOME } from "../../pipeline/delivery/responses";
import { RETRY_POLICIES } from "../../db/tables/types";

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

export const ReplayCount = z
  .object({ events: z.int().describe("How many events the replay sends, or would.") })
  .meta({ id: "ReplayCount" });

/** What an endpoint made of a test event. */
export const TestResult = z
  .object({
    event_id: z.string(),
    accepted: z.boolean(),
    ...OUTCOME,
    response: z.string().describe("The first 1 KB of what it said."),
  })
  .meta({ id: "TestResult", description: "What an endpoint made of a test event." });
export type TestResult = z.output<typeof TestResult>;

export const Webhooks = z.array(Webhook);
