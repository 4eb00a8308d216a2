import { logFailure } from "../../platform/log";

/** A queue keeps a message four days: tried every hour, it outlives a database that is down for three. */
const RETRY_SECONDS = 3600;

/** Works through the messages of a dead-letter queue, the last place they can be lost: each on its own, for days. */
export async function eachOnItsOwn(
  batch: MessageBatch,
  keep: (message: Message) => Promise<void>,
): Promise<void> {
  for (const message of batch.messages) {
    try {
      await keep(message);
      message.ack();
    } catch (error) {
      logFailure("dead letter not kept", error);
      message.retry({ delaySeconds: RETRY_SECONDS });
    }
  }
}
