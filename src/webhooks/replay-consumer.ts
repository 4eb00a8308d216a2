import { and, eq } from "drizzle-orm";
import { openPrimary } from "../db/client";
import { webhooks } from "../db/tables";
import type { Env } from "../env";
import { asDelivery, messagesFor } from "../events/fan-out";
import { findSimFacts, UNKNOWN } from "../sims/facts";
import { sendAll } from "../events/messages";
import { logFailure } from "../log";
import { retryDelay } from "../retry-delay";
import { Replay } from "./replay";
import { nextOfReplay } from "./replay-step";
import { queueOf } from "./send-later";

/** Events that one step of a replay puts on the queue. */
const STEP = 500;

/** The `replays` queue's consumer: sends the next events of each replay, and puts what is left of it back. */
export async function consumeReplays(
  batch: MessageBatch,
  env: Pick<Env, "DB" | "DELIVERIES" | "DELIVERIES_SLOW" | "REPLAYS">,
  step = STEP,
): Promise<void> {
  for (const message of batch.messages) {
    try {
      await replaySome(Replay.parse(message.body), env, step);
      message.ack();
    } catch (error) {
      logFailure("replay stopped", error);
      message.retry({ delaySeconds: retryDelay(message.attempts) });
    }
  }
}

async function replaySome(
  replay: Replay,
  env: Pick<Env, "DB" | "DELIVERIES" | "DELIVERIES_SLOW" | "REPLAYS">,
  step: number,
): Promise<void> {
  const db = openPrimary(env.DB);
  const { webhook_id, account_id } = replay;
  const [webhook] = await db
    .select({ lane: webhooks.lane, payload: webhooks.payload })
    .from(webhooks)
    .where(
      and(
        eq(webhooks.id, webhook_id),
        eq(webhooks.accountId, account_id),
        eq(webhooks.active, true),
      ),
    );
  // Deleted or switched off since: nothing is to be sent.
  if (!webhook) return;
  const { events, left } = await nextOfReplay(db, replay, step);
  const facts =
    webhook.payload === "fleet" ? await findSimFacts(db, account_id, events) : undefined;
  const deliveries = await Promise.all(
    events.map((event) => asDelivery(event, webhook.payload, facts?.get(event.sim_id) ?? UNKNOWN)),
  );
  const messages = messagesFor(webhook_id, account_id, deliveries);
  await sendAll(queueOf(env, webhook.lane), messages);
  if (left) await env.REPLAYS.send(left);
}
