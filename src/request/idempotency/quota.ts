import { type SQL, sql } from "drizzle-orm";
import { LIMITS } from "../../platform/limits";
import { HOUR_MS } from "../../platform/time";

/** Bytes of an answer beyond which it counts towards the budget: below, one that shows a secret is always kept. */
export const LARGE = 2_000;

/** Hours since 1970. */
export function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}

/** True where the account may use another key in this hour; a trigger counts those that are stored. */
export function hasRoomForKey(accountId: string, now: number): SQL {
  return sql`${used(accountId, "idempotency_keys", hourOf(now))} < ${LIMITS.idempotencyKeys.most}`;
}

/** True where an answer of so many bytes may be kept in this hour. */
export function hasRoomForAnswer(accountId: string, bytes: number, hour: number): SQL {
  return sql`${used(accountId, "idempotency_bytes", hour)} + ${bytes} <= ${LIMITS.idempotencyBytes.most}`;
}

function used(
  accountId: string,
  column: "idempotency_keys" | "idempotency_bytes",
  hour: number,
): SQL {
  return sql`coalesce((
    SELECT ${sql.raw(column)} FROM account_use WHERE account_id = ${accountId} AND idempotency_hour >= ${hour}), 0)`;
}
