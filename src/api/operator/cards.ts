import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { simCards } from "../../db/tables";
import { ApiError, type ErrorCode } from "../../platform/errors";
import { PARSING } from "../../http/error-detail";
import { refusalOf } from "../../http/validate";
import { isObject } from "../../http/body";
import type { Kept } from "../../pipeline/queues/unmatched";
import { iccidOf } from "../sims/iccid";
import { SimCard } from "../sims/schemas";
import { takeSims } from "./take";

export interface Rejection {
  index: number;
  error: ErrorCode;
  detail?: string;
}

/**
 * Issues SIM cards to accounts, each on its own: those that cannot be are named by their index.
 * A card issued before is replaced, unless another account already made its SIM (`id_conflict`). A card with `take` moves
 * that SIM to its account as a new one; `waiting` are events that were kept because no account had it.
 */
export async function issueCards(
  db: Db,
  given: unknown[],
): Promise<{ issued: number; rejected: Rejection[]; waiting: Kept[] }> {
  const { cards, rejected } = readCards(given);
  const { id, accountId, iccid, imsi, msisdn, ipv4, eid } = simCards;
  const [takenAway, made, found] = takeSims(db, judged(cards));
  // The cards are stored last: an ICCID that one of them gives up must not make a refused one right for a later statement.
  const [refused, , , , waiting] = await db.batch([
    db
      .select({ index: sql<number>`"index"`, error: sql<ErrorCode>`error` })
      .from(sql`(${judged(cards)})`)
      .where(sql`error IS NOT NULL`),
    takenAway,
    made,
    // A SIM that is there already has its new card's numbers.
    statement(
      db,
      sql`
      UPDATE sims SET iccid = coalesce(card.iccid, card.own_iccid), imsi = card.imsi, msisdn = card.msisdn, ipv4 = card.ipv4, eid = card.eid
      FROM (${judged(cards)}) AS card WHERE sims.id = card.id AND card.error IS NULL`,
    ),
    found,
    db
      .insert(simCards)
      .select(
        sql`SELECT id, account_id, iccid, imsi, msisdn, ipv4, eid, ${Date.now()} FROM (${judged(cards)}) WHERE error IS NULL`,
      )
      .onConflictDoUpdate({
        target: id,
        set: Object.fromEntries(
          Object.entries({ accountId, iccid, imsi, msisdn, ipv4, eid }).map(([name, column]) => [
            name,
            sql.raw(`excluded.${column.name}`),
          ]),
        ),
      }),
  ]);
  const all = [...rejected, ...refused].toSorted((a, b) => a.index - b.index);
  return { issued: given.length - all.length, rejected: all, waiting };
}

type IndexedCard = SimCard & { index: number; own_iccid: string };

/** Those of the right form; of two in one call with one id, ICCID or IMSI, the first. */
function readCards(given: unknown[]): { cards: IndexedCard[]; rejected: Rejection[] } {
  const cards: IndexedCard[] = [];
  const rejected: Rejection[] = [];
  const seen = new Set<string>();
  for (const [index, value] of given.entries()) {
    const parsed = isObject(value) ? SimCard.safeParse(withoutEmpty(value), PARSING) : undefined;
    if (!parsed?.success) {
      const refusal = parsed ? refusalOf(parsed.error) : new ApiError("card_invalid");
      rejected.push({ index, ...refusal.asEntry() });
      continue;
    }
    const { id, iccid, imsi } = parsed.data;
    const taken = seen.has(`id ${id}`)
      ? "id_conflict"
      : seen.has(`iccid ${iccid}`)
        ? "iccid_conflict"
        : seen.has(`imsi ${imsi}`)
          ? "imsi_conflict"
          : undefined;
    if (taken) {
      rejected.push({ index, error: taken });
      continue;
    }
    cards.push({ index, ...parsed.data, own_iccid: iccidOf(id) });
    seen.add(`id ${id}`);
    if (iccid !== null) seen.add(`iccid ${iccid}`);
    if (imsi !== null) seen.add(`imsi ${imsi}`);
  }
  return { cards, rejected };
}

/** An empty cell of a table is no number. */
function withoutEmpty(card: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(card).filter(([, value]) => value !== ""));
}

/** Each card with the code of what the database has against it, or NULL. */
function judged(cards: IndexedCard[]) {
  return sql`
    SELECT card.*, CASE
      WHEN NOT EXISTS (SELECT 1 FROM accounts WHERE id = card.account_id) THEN 'account_not_found'
      WHEN NOT take AND EXISTS (SELECT 1 FROM sims WHERE id = card.id AND account_id <> card.account_id) THEN 'id_conflict'
      WHEN EXISTS (SELECT 1 FROM sim_cards WHERE iccid = card.iccid AND id <> card.id) THEN 'iccid_conflict'
      WHEN EXISTS (SELECT 1 FROM sim_cards WHERE imsi = card.imsi AND id <> card.id) THEN 'imsi_conflict'
    END AS error
    FROM (
      SELECT value ->> 'index' AS "index", value ->> 'id' AS id, value ->> 'account_id' AS account_id,
        value ->> 'iccid' AS iccid, value ->> 'imsi' AS imsi, value ->> 'msisdn' AS msisdn,
        value ->> 'ipv4' AS ipv4, value ->> 'eid' AS eid, value ->> 'own_iccid' AS own_iccid, value ->> 'take' AS take
      FROM json_each(${JSON.stringify(cards)})
    ) AS card`;
}
