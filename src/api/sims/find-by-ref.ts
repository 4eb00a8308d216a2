import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { isVisible } from "../../access/visibility";

/**
 * The id of the visible SIM that a `SimRef` names, as an expression; null where there is none.
 * An ICCID of 18 or 19 digits is that of a card issued so, else of one with a digit more, the check digit that it lacks.
 */
export function simIdOf(access: Access, ref: string | SQL): SQL {
  const mine = sql`SELECT named.id FROM sims AS named WHERE named.account_id = ${access.accountId} AND ${isVisible(access, sql`named.tags`)}`;
  const byId = sql`(${mine} AND named.id = ${ref})`;
  const byIccid = sql`(${mine} AND named.iccid = ${ref} LIMIT 1)`;
  const byItsBeginning = sql`(
    ${mine} AND named.iccid BETWEEN ${ref} AND ${ref} || '9' AND length(named.iccid) <= length(${ref}) + 1
    ORDER BY named.iccid LIMIT 1)`;
  if (typeof ref !== "string")
    return sql`CASE WHEN length(${ref}) = 9 THEN ${byId} WHEN length(${ref}) >= 20 THEN ${byIccid} ELSE ${byItsBeginning} END`;
  if (ref.length === 9) return byId;
  return ref.length >= 20 ? byIccid : byItsBeginning;
}

/** Whether a row of `sims` is the visible SIM that a reference names. The plus keeps the planner from the account's index. */
export function isNamed(access: Access, ref: string): SQL {
  return sql`+sims.account_id = ${access.accountId} AND sims.id = ${simIdOf(access, ref)}`;
}
