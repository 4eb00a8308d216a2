import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { findWaiting } from "../../pipeline/queues/unmatched";
import { USAGE_MONTH } from "../../pipeline/ingest/store-presence";
import { usageBefore } from "../sims/usage-before";

/** Events that one call sends to their new holder; more go with the next call, or by a retry of unmatched events. */
const EVENTS_A_CALL = 1000;

/**
 * Statements that give the SIMs of `cards` with `take` and without an error to the cards' accounts: another account's SIM is
 * deleted, so that nothing of its life moves along, a new one is made where the account has none, and the events that
 * waited for a holder are found.
 */
export function takeSims(db: Db, cards: SQL) {
  const taken = sql`(${cards}) AS card`;
  const ok = sql`card.take AND card.error IS NULL`;
  const usage = (column: SQL) => usageBefore(sql`card.account_id`, sql`card.id`, column);
  return [
    statement(
      db,
      sql`
      DELETE FROM sims WHERE id IN (
        SELECT held.id FROM ${taken} CROSS JOIN sims AS held ON held.id = card.id
        WHERE ${ok} AND held.account_id <> card.account_id)`,
    ),
    statement(
      db,
      sql`
      INSERT INTO sims (id, account_id, active, created_at, iccid, imsi, msisdn, ipv4, eid, usage_month, usage_sorted)
      SELECT card.id, card.account_id, true, ${Date.now()}, coalesce(card.iccid, card.own_iccid), card.imsi, card.msisdn,
        card.ipv4, card.eid, ${usage(USAGE_MONTH)}, ${usage(sql`month_bytes`)}
      FROM ${taken} WHERE ${ok} ON CONFLICT DO NOTHING`,
    ),
    findWaiting(db, sql`(SELECT card.id FROM ${taken} WHERE ${ok})`, EVENTS_A_CALL),
  ] as const;
}
