import * as z from "zod";
import { EVENT_TYPES, type EventType } from "../events/catalogue";
import { Name } from "../text";
import type { DisabledReason } from "./health";
import { RETRY_POLICIES, type RetryPolicy } from "./retry-schedule";

export const WebhookKey = z.object({ id: z.uuid() });

/** `{type}` in it becomes the event's type. Which addresses are allowed, `target.ts` says. */
const Url = z.string().regex(/^[^\s\p{Cc}]{1,2048}$/u);
/** A header's value: visible ASCII, blanks inside. */
const Authorization = z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?$/);

const Webhook = z.object({
  url: Url,
  authorization: Authorization.nullable(),
  label: Name.nullable(),
  active: z.boolean(),
  exclude_types: z
    .array(z.enum(EVENT_TYPES))
    .max(100)
    .transform((types) => [...new Set(types)]),
  retry: z.enum(RETRY_POLICIES),
});

/** What makes a webhook. */
export const WebhookInput = Webhook.partial().required({ url: true });
export type WebhookInput = z.output<typeof WebhookInput>;

/** What changes a webhook: what is left out stays. */
export const WebhookPatch = Webhook.partial();
export type WebhookPatch = z.output<typeof WebhookPatch>;

interface SecretMeta {
  is_set: boolean;
  last_updated_at: string | null;
}

/** A webhook as the API answers it. */
export interface Webhook {
  id: string;
  url: string;
  label: string | null;
  active: boolean;
  exclude_types: EventType[];
  retry: RetryPolicy;
  /** Set when the webhook was switched off by itself; switching it on again clears them. */
  disabled_at: string | null;
  disabled_reason: DisabledReason | null;
  meta: { authorization: SecretMeta; secret: SecretMeta };
}
