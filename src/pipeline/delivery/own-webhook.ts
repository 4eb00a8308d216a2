import { and, eq, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import type { Db } from "../../db/client";
import { webhooks } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { isVisible, isWhollyVisible } from "../../access/visibility";

const TAGS = sql`webhooks.tags`;

type Webhook = typeof webhooks.$inferSelect;

/** True where the key may see a row of `webhooks`. */
export function isVisibleRow(access: Access) {
  return and(eq(webhooks.accountId, access.accountId), isVisible(access, TAGS));
}

/** The same of the one with an id. */
export function its(access: Access, id: string) {
  return and(eq(webhooks.id, id), isVisibleRow(access));
}

/**
 * Whether it may be changed and used too: a narrowed key may not, where the webhook has a tag that is not its own, since
 * then it is sent events that the key must not see.
 */
export function isOwn(access: Access, id: string) {
  return and(its(access, id), isWhollyVisible(access, TAGS));
}

/** Selects the webhook for {@link checkOwn}, for a batch too. */
export function selectOwn(db: Db, access: Access, id: string) {
  return db
    .select({ webhook: webhooks, own: isWhollyVisible(access, TAGS).as("own") })
    .from(webhooks)
    .where(its(access, id));
}

/** The webhook that was selected. Throws `webhook_not_found`, and `tag_forbidden` for one that may not be changed and used. */
export function checkOwn([found]: { webhook: Webhook; own: number }[]): Webhook {
  if (!found) throw new ApiError("webhook_not_found");
  if (!found.own) throw new ApiError("tag_forbidden");
  return found.webhook;
}
