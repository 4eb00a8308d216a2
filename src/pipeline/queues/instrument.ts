import { asFields, counting, nothingSpent } from "../../db/measure";
import { type Env, isInSample } from "../../platform/env";
import { log, logFailure } from "../../platform/log";
import { countBatch } from "../../platform/metrics";

/** Has a consumer work through a batch, and writes a line of how it went. */
export async function runBatch(
  batch: MessageBatch,
  env: Env,
  consume: (batch: MessageBatch, env: Env) => Promise<void>,
): Promise<void> {
  const started = Date.now();
  const spent = nothingSpent();
  const settled = { acked: 0, retried: 0 };
  const { queue, messages } = batch;
  const fieldsOf = (ms: number) => {
    return { queue, messages: messages.length, ...settled, ms, ...asFields(spent) };
  };
  try {
    await consume(watched(batch, settled), counting(env, spent));
    if (settled.retried > 0 || isInSample(env)) log("batch", fieldsOf(Date.now() - started));
  } catch (error) {
    // The platform has all of them come again that were not acknowledged.
    settled.retried = messages.length - settled.acked;
    logFailure("batch failed", error, fieldsOf(Date.now() - started));
    throw error;
  } finally {
    countBatch(env.METRICS, queue, Date.now() - started, spent, settled);
  }
}

/** Runs the cron's work, and writes a line of how many rows it removed of each table. */
export async function runCron(
  env: Env,
  work: (env: Env) => Promise<Record<string, number>>,
): Promise<void> {
  const started = Date.now();
  const spent = nothingSpent();
  try {
    const removed = await work(counting(env, spent));
    log("cron", { ms: Date.now() - started, ...asFields(spent), removed });
  } catch (error) {
    logFailure("cron failed", error);
    throw error;
  } finally {
    countBatch(env.METRICS, "cron", Date.now() - started, spent);
  }
}

/** The batch; what becomes of its messages is counted. */
function watched(batch: MessageBatch, settled: { acked: number; retried: number }): MessageBatch {
  const messages = batch.messages.map((message) => {
    const { id, timestamp, body, attempts } = message;
    return {
      id,
      timestamp,
      body,
      attempts,
      ack() {
        settled.acked += 1;
        message.ack();
      },
      retry(options?: QueueRetryOptions) {
        settled.retried += 1;
        message.retry(options);
      },
    };
  });
  return {
    queue: batch.queue,
    metadata: batch.metadata,
    messages,
    ackAll() {
      settled.acked = messages.length;
      batch.ackAll();
    },
    retryAll(options) {
      settled.retried = messages.length;
      batch.retryAll(options);
    },
  };
}
