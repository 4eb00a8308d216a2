import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { webhooks } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { checkOwn, isOwn, selectOwn } from "./own-webhook";
import { countEvents, fitsBounds, REPLAY_BOUNDS, accessOf, type Replay } from "./replay";

/** A replay without a step for so long has lost its message, and makes room for another: milliseconds. */
const LOST_MS = 900_000;

/**
 * How many events a replay would send. Throws `webhook_not_found`, `tag_forbidden`, `webhook_inactive` for one that takes
 * none, and `replay_too_large`.
 */
export async function countReplay(db: Db, replay: Replay, bounds = REPLAY_BOUNDS): Promise<number> {
  const access = accessOf(replay);
  const [found, [count]] = await db.batch([
    selectOwn(db, access, replay.webhook_id),
    statement<{ events: number | null }>(
      db,
      sql`SELECT CASE WHEN ${fitsBounds(replay, bounds)} THEN ${countEvents(replay)} END AS events`,
    ),
  ]);
  if (!checkOwn(found).active) throw new ApiError("webhook_inactive");
  if (count?.events === undefined || count.events === null) throw new ApiError("replay_too_large");
  return count.events;
}

/**
 * Notes a replay as running, for its first step to begin at once. Answers how many events it sends; where there are none,
 * nothing is noted. Throws as {@link countReplay}, and `replay_in_progress` while the webhook has another one.
 */
export async function startReplay(
  db: Db,
  replay: Replay,
  { id, now = Date.now(), bounds = REPLAY_BOUNDS }: StartOptions,
): Promise<number> {
  const { account_id, webhook_id } = replay;
  const access = accessOf(replay);
  const runs = sql`EXISTS (
    SELECT 1 FROM replays
    WHERE account_id = ${account_id} AND webhook_id = ${webhook_id} AND next_at > ${now - LOST_MS})`;
  const takesEvents = sql`EXISTS (SELECT 1 FROM ${webhooks} WHERE ${isOwn(access, webhook_id)} AND active)`;
  const may = sql`${takesEvents} AND NOT ${runs} AND ${fitsBounds(replay, bounds)}`;
  // LIMIT keeps the subquery apart: flattened into the outer SELECT, the events would be counted again for its WHERE.
  const counted = sql`(SELECT CASE WHEN ${may} THEN ${countEvents(replay)} END AS events LIMIT 1)`;
  const [found, [asked], [started]] = await db.batch([
    selectOwn(db, access, webhook_id),
    statement<{ runs: number; fits: number }>(
      db,
      sql`SELECT ${runs} AS runs, CASE WHEN NOT ${runs} THEN ${fitsBounds(replay, bounds)} END AS fits`,
    ),
    statement<{ events: number }>(
      db,
      sql`
        INSERT INTO replays (account_id, webhook_id, id, rest, events, sent, started_at, next_at)
        SELECT ${account_id}, ${webhook_id}, ${id}, ${JSON.stringify(replay)}, events, 0, ${now}, ${now}
        FROM ${counted} WHERE events > 0
        ON CONFLICT (account_id, webhook_id) DO UPDATE SET
          id = excluded.id, rest = excluded.rest, events = excluded.events, sent = 0,
          started_at = excluded.started_at, next_at = excluded.next_at
        RETURNING events`,
    ),
  ]);
  if (!checkOwn(found).active) throw new ApiError("webhook_inactive");
  if (started) return started.events;
  if (asked?.runs) throw new ApiError("replay_in_progress");
  if (!asked?.fits) throw new ApiError("replay_too_large");
  return 0;
}

interface StartOptions {
  id: string;
  now?: number;
  bounds?: typeof REPLAY_BOUNDS;
}
