import type { Env } from "../env";
import { type DeliveriesMessage, EVENTS_A_MESSAGE, pack, sendAll } from "../events/messages";
import type { Lane } from "./health";
import type { Visit } from "./visit";

type Queues = Pick<Env, "DELIVERIES" | "DELIVERIES_SLOW">;

/** The queue of a lane. */
export function queueOf(queues: Queues, lane: Lane): Queue {
  return lane === "fast" ? queues.DELIVERIES : queues.DELIVERIES_SLOW;
}

/** Puts what a visit left for later on the queue of the endpoint's lane, the tries of one moment packed. */
export async function sendLater(queues: Queues, { endpoint, health, later }: Visit): Promise<void> {
  const queue = queueOf(queues, health.lane);
  const moments = Map.groupBy(later, (put) => `${put.attempt} ${put.delaySeconds}`);
  for (const puts of moments.values()) {
    const [{ attempt, delaySeconds } = { attempt: 1, delaySeconds: 0 }] = puts;
    const packs = pack(
      puts.map(({ event }) => event),
      EVENTS_A_MESSAGE,
    );
    const messages = packs.map((events) => ({
      webhook_id: endpoint.id,
      account_id: endpoint.accountId,
      attempt,
      events,
    }));
    await sendAll<DeliveriesMessage>(queue, messages, delaySeconds);
  }
}
