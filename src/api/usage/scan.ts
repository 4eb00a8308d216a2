import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { lookThrough } from "../../db/scan";
import { isSimVisible } from "../../access/visibility";

/** Records that a page of some SIMs, or of a country, looks through, however few of them are theirs. */
const SCANNED = 5000;

/**
 * `limit` of the records of visible SIMs, in the order in which `records` has them, for `pageOfMet`; of those of a
 * country ('' for none) where one is named. No index has the records of some SIMs or of a country in the order of time, so a
 * bounded part is looked through for them: they come in the order in which they are met, so that no more are than it takes
 * to fill a page.
 */
export function recordsWithin(access: Access, records: SQL, limit: number, country?: string): SQL {
  if (access.tags === null && country === undefined)
    return sql`SELECT *, 1 AS passes, 0 AS is_last FROM (${records} LIMIT ${limit})`;
  const most = sql`${access.tags?.length === 0 ? 0 : SCANNED}`;
  const isOfSim = isSimVisible(access, sql`met.sim_id`, undefined, sql`met.time`);
  const isOfCountry = country === undefined ? sql`1` : sql`met.country_code IS ${country || null}`;
  const met = lookThrough(records, sql`met`, sql`(${isOfCountry} AND ${isOfSim})`, most);
  return sql`SELECT * FROM (${met}) WHERE passes OR is_last LIMIT ${limit}`;
}
