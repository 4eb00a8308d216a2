import { type SQL, sql } from "drizzle-orm";

/** `seq` is in microseconds. */
export const SEQ_A_MS = 1_000;

/** The `seq` of a row that is to come behind all `rows`: the time, or one more than the last. */
export function nextSeq(rows: SQL): SQL {
  return sql`max(${Date.now()}, 1 + coalesce((SELECT max(seq) FROM ${rows}), 0))`;
}
