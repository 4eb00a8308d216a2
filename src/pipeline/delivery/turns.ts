import { and, eq, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { slowTurns, webhooks } from "../../db/tables";
import type { Lane } from "../../db/tables/types";
import { HOUR_MS } from "../../platform/time";

/** Requests under way at a time: a Worker has six connections, and one is left for D1. */
export const SLOTS = 5;

/** Milliseconds between two turns of an account that go side by side. */
const GAP_MS = 300;

/** How long a new webhook of an account that was in the slow lane begins there: making one again is no way out of it. */
const SLOW_START_MS = HOUR_MS;

/** Moves a webhook that was just made to the slow lane, if its account was there within the last hour. */
export function startSlow(
  db: Db,
  { accountId, webhookId }: { accountId: string; webhookId: string },
  now: number,
) {
  const since = now - SLOW_START_MS;
  return db
    .update(webhooks)
    .set({ lane: "slow" })
    .where(
      and(
        eq(webhooks.id, webhookId),
        sql`EXISTS (SELECT 1 FROM slow_turns WHERE account_id = ${accountId} AND rest_until > ${since})`,
      ),
    );
}

/** Until when an account rests whose turn begins now; its own end may say otherwise. */
export function turnFrom(now: number): number {
  return now + GAP_MS;
}

/**
 * Takes a turn in the slow lane, which {@link turnFrom} made, for each account of these webhooks that has one of them there
 * and does not rest; answers those accounts. `pairs` is a JSON list of [webhook, account].
 */
export function takeTurns(db: Db, pairs: string, now: number, turn: number) {
  return statement<{ account_id: string }>(
    db,
    sql`
      INSERT INTO ${slowTurns} (account_id, rest_until)
      SELECT DISTINCT account_id, ${turn} FROM webhooks
      WHERE (id, account_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${pairs}))
        AND lane = 'slow' AND active
      ON CONFLICT (account_id) DO UPDATE SET rest_until = excluded.rest_until WHERE rest_until <= ${now}
      RETURNING account_id`,
  );
}

/** A run of the consumer at one endpoint, as far as its account rests after it. */
interface RestingRun {
  endpoint: { accountId: string; health: { lane: Lane } };
  turn: number | undefined;
  health: { lane: Lane };
  heldMs: number;
}

/**
 * Has each account rest for as long as its turn held the slots of a run, so that what waits behind its messages comes first.
 * A turn of the same account that began or ended meanwhile may have it rest longer. An account whose endpoint has just
 * moved to the lane is noted too: a new webhook of it starts there.
 */
export function restAfter(db: Db, visits: readonly RestingRun[], now: number) {
  const rests = new Map<string, { until: number; turn: number }>();
  for (const { endpoint, turn, health, heldMs } of visits) {
    if (turn === undefined && (health.lane === "fast" || endpoint.health.lane === "slow")) continue;
    const known = rests.get(endpoint.accountId) ?? { until: now, turn: 0 };
    const ms = turn === undefined ? 0 : Math.ceil(heldMs / SLOTS);
    const rest = { until: known.until + ms, turn: turn ?? known.turn };
    rests.set(endpoint.accountId, rest);
  }
  if (rests.size === 0) return [];
  const rows = JSON.stringify([...rests].map(([id, { until, turn }]) => [id, until, turn]));
  return [
    statement(
      db,
      sql`
        INSERT INTO ${slowTurns} (account_id, rest_until)
        SELECT value ->> 0, value ->> 1 FROM json_each(${rows}) WHERE true
        ON CONFLICT (account_id) DO UPDATE SET rest_until = CASE
          WHEN rest_until = (SELECT value ->> 2 FROM json_each(${rows}) WHERE value ->> 0 = excluded.account_id)
          THEN excluded.rest_until
          ELSE max(rest_until, excluded.rest_until) END`,
    ),
  ];
}
