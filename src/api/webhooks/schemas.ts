import * as z from "zod";
import { EVENT_TYPES } from "../../events/types";
import { PAYLOADS } from "../../events/payload";
import { TagIds } from "../tags/schemas";
import { shownAs } from "../../platform/shown-as";
import { PassedOver } from "../../http/passed-over";
import { CONTROL_CHARACTERS, Name } from "../../platform/text";
import { RETRY_POLICIES } from "../../db/tables/types";

export const WebhookKey = z.object({ id: z.uuid() });

/** `{type}` in it becomes the event's type. Which addresses are allowed, `target.ts` says. */
const Url = shownAs(
  // Plain http and loopback are for development alone.
  z
    .string()
    .max(2048)
    .regex(new RegExp(`^https?://[^\\s${CONTROL_CHARACTERS}]+$`, "u")),
  z
    .string("a URL of 1 to 2048 characters without blanks")
    .regex(new RegExp(`^[^\\s${CONTROL_CHARACTERS}]{1,2048}$`, "u")),
);
/** A header's value: visible ASCII, blanks inside. */
const Authorization = z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?$/);

/** Our types, and those that the fleet API has besides: they are taken, and never sent. */
const TYPE_NAMES = [
  ...EVENT_TYPES,
  "network-authentication",
  "usage-sms",
  "usage-alert",
  "cost-alert",
  "sms",
] as const;

/** What the answer holds besides: a webhook may be sent back as it was read. */
const READ_ONLY = {
  id: PassedOver,
  meta: PassedOver,
  disabled_at: PassedOver,
  disabled_reason: PassedOver,
};

const Webhook = z.strictObject({
  ...READ_ONLY,
  url: Url,
  authorization: Authorization.nullable(),
  label: Name.nullable(),
  active: z.boolean(),
  exclude_types: z
    .array(z.enum(TYPE_NAMES))
    .max(100)
    .transform((types) => [...new Set(types)]),
  retry: z.enum(RETRY_POLICIES),
  tags: TagIds,
  payload: z.enum(PAYLOADS),
});

/** What makes a webhook. */
export const WebhookInput = Webhook.partial().required({ url: true });
export type WebhookInput = z.output<typeof WebhookInput>;

/** What changes a webhook: what is left out stays. */
export const WebhookPatch = Webhook.partial();
export type WebhookPatch = z.output<typeof WebhookPatch>;
