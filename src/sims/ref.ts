import { type SQL, sql } from "drizzle-orm";

/** The id of the account's SIM that a {@link SimRef} names, as SQL: NULL where an ICCID is none of the account's. */
export function simIdOf(accountId: string, ref: string | SQL): SQL<string> {
  return sql`CASE length(${ref}) WHEN 9 THEN ${ref} ELSE (
    SELECT held.id FROM sims AS held WHERE held.account_id = ${accountId} AND (held.iccid = ${ref}
      OR length(${ref}) = 19 AND held.iccid BETWEEN ${ref} || '0' AND ${ref} || '9' AND length(held.iccid) = 20)
    LIMIT 1) END`;
}
