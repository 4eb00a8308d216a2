import type { Db } from "../../db/client";
import type { Env } from "../../platform/env";
import {
  callsOf,
  type DeliveriesMessage,
  EVENTS_A_MESSAGE,
  pack,
  sendCall,
} from "../queues/messages";
import { keepAside } from "../queues/unmatched";
import { logFailure } from "../../platform/log";
import type { Lane } from "../../db/tables/types";
import type { Visit } from "./endpoint-run";

type Queues = Pick<Env, "DELIVERIES" | "DELIVERIES_SLOW">;

/** The queue of a lane. */
function queueOf(queues: Queues, lane: Lane): Queue {
  return lane === "fast" ? queues.DELIVERIES : queues.DELIVERIES_SLOW;
}

/**
 * Puts what a visit left for later on the queue of the endpoint's lane, the tries of one moment packed. Events that were
 * tried or queued are not sent again because a queue refuses others: those are kept aside. Throws where nothing was tried
 * and nothing queued, or D1 fails too.
 */
export async function sendLater(queues: Queues, db: Db, visit: Visit): Promise<void> {
  const { endpoint, health, later, log } = visit;
  const refused: DeliveriesMessage[] = [];
  let sent = 0;
  const moments = Map.groupBy(later, (put) => `${put.attempt} ${put.waits} ${put.delaySeconds}`);
  for (const puts of moments.values()) {
    const [{ attempt, waits, delaySeconds } = { attempt: 1, waits: 0, delaySeconds: 0 }] = puts;
    const packs = pack(
      puts.map(({ event }) => event),
      EVENTS_A_MESSAGE,
    );
    const messages = packs.map((events) => ({
      webhook_id: endpoint.id,
      account_id: endpoint.accountId,
      attempt,
      waits,
      events,
    }));
    refused.push(...(await sendByEither(queues, health.lane, messages, delaySeconds)));
    sent += messages.length;
  }
  const queued = sent - refused.length;
  if (refused.length > 0 && queued === 0 && log.length === 0) throw new Error(NO_QUEUE);
  await keepRefused(db, refused);
}

export const NO_QUEUE = "no queue takes deliveries";

/** The other lane's consumer may send the message back here at once: it must not go round without a pause. */
const DETOUR_SECONDS = 10;

/**
 * Puts deliveries on their lane's queue; what it refuses on the other lane's, whose consumer sends it or passes it on.
 * Answers what neither takes.
 */
export async function sendByEither(
  queues: Queues,
  lane: Lane,
  messages: readonly DeliveriesMessage[],
  delaySeconds = 0,
): Promise<DeliveriesMessage[]> {
  const refused = await sendSome(queueOf(queues, lane), messages, delaySeconds);
  const other = queueOf(queues, lane === "fast" ? "slow" : "fast");
  return sendSome(other, refused, Math.max(delaySeconds, DETOUR_SECONDS));
}

/** Keeps deliveries aside that no queue takes, for the operator to try again. */
export function keepRefused(db: Db, messages: readonly DeliveriesMessage[]): Promise<void> {
  const aside = messages.map((value) => ({ reason: "dead_lettered" as const, value }));
  return keepAside(db, "deliveries", aside);
}

/** Puts on the queue what it takes; answers the rest. */
async function sendSome(
  queue: Queue,
  messages: readonly DeliveriesMessage[],
  delaySeconds: number,
): Promise<DeliveriesMessage[]> {
  const refused: DeliveriesMessage[] = [];
  for (const call of callsOf(messages)) {
    try {
      await sendCall(queue, call, delaySeconds);
    } catch (error) {
      logFailure("deliveries not queued", error, { messages: call.length });
      refused.push(...call);
    }
  }
  return refused;
}
