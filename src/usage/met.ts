import { type SQL, sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import { lookThrough } from "../db/look-through";
import { simWithin } from "../tags/within";

/** Records that a page of a narrowed key looks through, however few of them are of its SIMs. */
const SCANNED = 5000;

/**
 * `limit` of the records of SIMs within reach, in the order in which `records` has them, for `pageOfMet`. No index has
 * the records of some SIMs in the order of time, so of a narrowed key's a bounded part is looked through: they come in
 * the order in which they are met, so that no more are than it takes to fill a page.
 */
export function recordsWithin(reach: Reach, records: SQL, limit: number): SQL {
  if (reach.tags === null)
    return sql`SELECT *, 1 AS passes, 0 AS is_last FROM (${records} LIMIT ${limit})`;
  const most = sql`${reach.tags.length === 0 ? 0 : SCANNED}`;
  const passes = simWithin(reach, sql`met.sim_id`, undefined, sql`met.time`);
  const met = lookThrough(records, sql`met`, passes, most);
  return sql`SELECT * FROM (${met}) WHERE passes OR is_last LIMIT ${limit}`;
}
