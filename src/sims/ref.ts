import { type SQL, sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import { within } from "../tags/within";

/**
 * The id of the SIM within reach that a `SimRef` names, as an expression; null where there is none.
 * An ICCID of 19 digits is that of a card issued so, else of one of 20 whose check digit it lacks.
 */
export function simIdOf(reach: Reach, ref: string | SQL): SQL {
  const mine = sql`SELECT named.id FROM sims AS named WHERE named.account_id = ${reach.accountId} AND ${within(reach, sql`named.tags`)}`;
  const byId = sql`(${mine} AND named.id = ${ref})`;
  const byIccid = sql`(${mine} AND named.iccid = ${ref} LIMIT 1)`;
  const byItsBeginning = sql`(
    ${mine} AND named.iccid BETWEEN ${ref} AND ${ref} || '9' AND length(named.iccid) <= 20
    ORDER BY named.iccid LIMIT 1)`;
  if (typeof ref !== "string")
    return sql`CASE length(${ref}) WHEN 9 THEN ${byId} WHEN 20 THEN ${byIccid} ELSE ${byItsBeginning} END`;
  if (ref.length === 9) return byId;
  return ref.length === 20 ? byIccid : byItsBeginning;
}

/** Whether a row of `sims` is the SIM within reach that a reference names. The plus keeps the planner from the account's index. */
export function isNamed(reach: Reach, ref: string): SQL {
  return sql`+sims.account_id = ${reach.accountId} AND sims.id = ${simIdOf(reach, ref)}`;
}
