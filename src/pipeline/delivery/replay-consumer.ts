import { openPrimary } from "../../db/client";
import type { Env } from "../../platform/env";
import { asDelivery, messagesFor } from "./fan-out";
import type { DeliveriesMessage } from "../queues/messages";
import type { QueueName } from "../queues/names";
import { logFailure } from "../../platform/log";
import { retryDelay } from "../queues/retry-delay";
import { findSimFacts, UNKNOWN } from "../sim-summary";
import { consumeFast } from "./consumer";
import type { Lane } from "../../db/tables/types";
import { nextOfReplay } from "./replay-step";
import { claimStep, endReplay, keepProgress, ReplayStep } from "./running-replays";

/**
 * A step: entries of the feed or of the log that it reads, and the least milliseconds an event takes while one replay of
 * the account runs. That is 100 events a second of an account; of a webhook in the slow lane, which others share, 20 a minute.
 */
const STEPS: Record<Lane, { size: number; msAnEvent: number }> = {
  fast: { size: 500, msAnEvent: 10 },
  slow: { size: 20, msAnEvent: 3_000 },
};

/** A step of the largest size to an endpoint just quick enough for the fast lane takes 200 s. */
const STEP_MS = 240_000;

/** A queue holds a message no longer than 12 hours; the lease of a step is far less. */
const MOST_DELAY_SECONDS = 3_600;

interface ReplayOptions {
  size?: number | undefined;
  now?: () => number;
}

/**
 * The `replays` queue's consumer: sends the next events of each replay itself, in a queue of its own, so that fresh events
 * never wait for replayed ones and a slow endpoint makes its own replay slow and no other.
 */
export async function consumeReplays(
  batch: MessageBatch,
  env: Env,
  options: ReplayOptions = {},
): Promise<void> {
  for (const message of batch.messages) {
    try {
      const delaySeconds = await makeStep(ReplayStep.parse(message.body), env, options);
      if (delaySeconds === undefined) message.ack();
      else message.retry({ delaySeconds });
    } catch (error) {
      logFailure("replay stopped", error);
      message.retry({ delaySeconds: retryDelay(message.attempts) });
    }
  }
}

/** Makes a step. Answers in how many seconds to ask again, where it is not to be made yet. */
async function makeStep(
  step: ReplayStep,
  env: Env,
  { size, now = Date.now }: ReplayOptions,
): Promise<number | undefined> {
  const db = openPrimary(env.DB);
  const begin = now();
  const claim = await claimStep(db, step, begin);
  if (!claim) return undefined;
  if ("askAgainAt" in claim) return secondsUntil(claim.askAgainAt, begin);
  const { rest, running, webhook } = claim;
  // Deleted or switched off since: nothing is to be sent.
  if (!webhook) {
    await endReplay(db, step);
    return undefined;
  }
  const pace = STEPS[webhook.lane];
  const { events, left } = await nextOfReplay(db, rest, size ?? pace.size);
  const facts =
    webhook.payload === "fleet" ? await findSimFacts(db, step.account_id, events) : undefined;
  const deliveries = await Promise.all(
    events.map((event) => asDelivery(event, webhook.payload, facts?.get(event.sim_id) ?? UNKNOWN)),
  );
  await sendNow(messagesFor(step.webhook_id, step.account_id, deliveries), env);
  if (!left) {
    await endReplay(db, step);
    return undefined;
  }
  const nextAt = begin + Math.max(events.length, 1) * pace.msAnEvent * running;
  await keepProgress(db, step, { rest: left, sent: events.length, nextAt });
  await env.REPLAYS.send(step, { delaySeconds: secondsUntil(nextAt, now()) });
  return undefined;
}

function secondsUntil(time: number, now: number): number {
  return Math.min(Math.max(Math.ceil((time - now) / 1000), 0), MOST_DELAY_SECONDS);
}

/** Delivers messages as a run of the fast lane does. Throws where a failure of ours broke it off: the step is made again. */
async function sendNow(messages: readonly DeliveriesMessage[], env: Env): Promise<void> {
  if (messages.length === 0) return;
  let brokenOff = 0;
  const batch = {
    queue: "deliveries" satisfies QueueName,
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
    messages: messages.map((body, index) => ({
      id: String(index),
      timestamp: new Date(),
      body,
      attempts: 1,
      ack() {},
      retry() {
        brokenOff += 1;
      },
    })),
    ackAll() {},
    retryAll() {},
  } satisfies MessageBatch;
  await consumeFast(batch, env, { runMs: STEP_MS });
  if (brokenOff > 0) throw new Error("events were not sent");
}
