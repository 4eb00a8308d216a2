import { sql } from "drizzle-orm";

/**
 * The `id` of a row of `usage_records`, which tells records of one SIM, bill, operation and time apart: the event's id,
 * else a blank and its session, which no id begins with, else ''.
 */
export function recordKey({
  id,
  session_id,
}: {
  id?: string | undefined;
  session_id?: string | null | undefined;
}): string {
  return id ?? (session_id ? ` ${session_id}` : "");
}

/** True of a row whose event came with an id: the condition of the index by it. */
export const HAS_ID = sql`usage_records.id >= '!'`;

/** The id that an event came with, or null. */
export const GIVEN_ID = sql`CASE WHEN ${HAS_ID} THEN usage_records.id END`;
