import { type SQL, sql } from "drizzle-orm";
import { DAY_MS } from "../../platform/time";

/** Whether a key is shown, counted, and keeps its tags in use: it is not revoked, and not expired for longer than a day. */
export function isListed(now: number): SQL {
  return sql`revoked_at IS NULL AND coalesce(expires_at, ${now}) > ${now - DAY_MS}`;
}
