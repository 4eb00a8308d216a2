import { and, eq, lte, sql } from "drizzle-orm";
import * as z from "zod";
import type { Access } from "../../access/access";
import type { Db } from "../../db/client";
import { replays, webhooks } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { isoTime } from "../../platform/time";
import type { RunningReplay } from "./responses";
import { checkOwn, isOwn, selectOwn } from "./own-webhook";
import { Replay } from "./replay";

/** A message of the `replays` queue: the next step of a replay is to be made. */
export const ReplayStep = z.object({
  account_id: z.string(),
  webhook_id: z.string(),
  id: z.string(),
});
export type ReplayStep = z.output<typeof ReplayStep>;

/** A step that breaks off is made again after so many milliseconds: more than any takes. */
const LEASE_MS = 600_000;

function itself({ account_id, webhook_id, id }: ReplayStep) {
  return and(
    eq(replays.accountId, account_id),
    eq(replays.webhookId, webhook_id),
    eq(replays.id, id),
  );
}

/**
 * Takes the next step of a replay for its caller alone, with the webhook that takes its events (undefined where it is
 * switched off or deleted) and how many replays the account runs. Answers when to ask again where another has it or its
 * time has not come, and undefined where the replay is over.
 */
export async function claimStep(db: Db, step: ReplayStep, now: number) {
  const running = sql<number>`(SELECT count(*) FROM replays AS own WHERE own.account_id = ${step.account_id})`;
  const [[claimed], [known], [webhook]] = await db.batch([
    db
      .update(replays)
      .set({ nextAt: now + LEASE_MS })
      .where(and(itself(step), lte(replays.nextAt, now)))
      .returning({ rest: replays.rest, running: running.as("running") }),
    db.select({ nextAt: replays.nextAt }).from(replays).where(itself(step)),
    db
      .select({ lane: webhooks.lane, payload: webhooks.payload })
      .from(webhooks)
      .where(
        and(
          eq(webhooks.id, step.webhook_id),
          eq(webhooks.accountId, step.account_id),
          eq(webhooks.active, true),
        ),
      ),
  ]);
  if (claimed) {
    const rest = Replay.parse(JSON.parse(claimed.rest));
    return { rest, running: claimed.running, webhook };
  }
  return known && { askAgainAt: known.nextAt };
}

/** Notes how far a replay has come, and when its next step may begin. */
export async function keepProgress(
  db: Db,
  step: ReplayStep,
  { rest, sent, nextAt }: { rest: Replay; sent: number; nextAt: number },
): Promise<void> {
  await db
    .update(replays)
    .set({ rest: JSON.stringify(rest), sent: sql`${replays.sent} + ${sent}`, nextAt })
    .where(itself(step));
}

export async function endReplay(db: Db, step: ReplayStep): Promise<void> {
  await db.delete(replays).where(itself(step));
}

/** The replay that a webhook has running. Throws `webhook_not_found`, `tag_forbidden` and `replay_not_found`. */
export async function findReplay(
  db: Db,
  access: Access,
  webhookId: string,
): Promise<RunningReplay> {
  const [found, [running]] = await db.batch([
    selectOwn(db, access, webhookId),
    db
      .select({ events: replays.events, sent: replays.sent, startedAt: replays.startedAt })
      .from(replays)
      .where(and(eq(replays.accountId, access.accountId), eq(replays.webhookId, webhookId))),
  ]);
  checkOwn(found);
  if (!running) throw new ApiError("replay_not_found");
  const { events, sent, startedAt } = running;
  return { events, sent, started_at: isoTime(startedAt) };
}

/** Ends a replay before its next step. Throws `webhook_not_found`, `tag_forbidden` and `replay_not_found`. */
export async function cancelReplay(db: Db, access: Access, webhookId: string): Promise<void> {
  const [found, ended] = await db.batch([
    selectOwn(db, access, webhookId),
    db
      .delete(replays)
      .where(
        and(
          eq(replays.accountId, access.accountId),
          eq(replays.webhookId, webhookId),
          sql`EXISTS (SELECT 1 FROM ${webhooks} WHERE ${isOwn(access, webhookId)})`,
        ),
      )
      .returning({ id: replays.id }),
  ]);
  checkOwn(found);
  if (ended.length === 0) throw new ApiError("replay_not_found");
}
