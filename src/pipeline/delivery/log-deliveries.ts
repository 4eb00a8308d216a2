import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { deliveryLog, deliveryLogDays } from "../../db/tables";
import { nextSeq } from "../../db/sequence";
import { LIMITS } from "../../platform/limits";
import { DAY_MS } from "../../platform/time";
import type { Delivery } from "./responses";

interface Run {
  accountId: string;
  webhookId: string;
  deliveries: readonly Delivery[];
}

/**
 * Appends how a run's deliveries to a webhook ended, in one row: the newest first, as pages list them. Once its account has
 * used up the day's bytes, they are counted and not listed.
 */
export function logDeliveries(db: Db, { accountId, webhookId, deliveries }: Run, now = Date.now()) {
  const text = JSON.stringify(deliveries.toReversed());
  const bytes = new TextEncoder().encode(text).byteLength;
  const day = Math.floor(now / DAY_MS);
  const { most } = LIMITS.deliveryLogBytes;
  const isSpent = sql`EXISTS (
    SELECT 1 FROM delivery_log_days WHERE account_id = ${accountId} AND day = ${day} AND bytes >= ${most})`;
  return [
    db.insert(deliveryLog).select(sql`
      SELECT ${webhookId}, ${nextSeq(sql`delivery_log WHERE webhook_id = ${webhookId}`)}, ${text} WHERE NOT ${isSpent}`),
    db
      .insert(deliveryLogDays)
      .values({ accountId, day, bytes, unlisted: 0 })
      .onConflictDoUpdate({
        target: [deliveryLogDays.accountId, deliveryLogDays.day],
        set: {
          bytes: sql`bytes + iif(bytes < ${most}, ${bytes}, 0)`,
          unlisted: sql`unlisted + iif(bytes < ${most}, 0, ${deliveries.length})`,
        },
      }),
  ] as const;
}
