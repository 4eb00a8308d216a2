import type { Db } from "../../db/client";
import type { Env } from "../../platform/env";
import { keepRefused, NO_QUEUE, sendByEither } from "./requeue";
import { type Event, eventId } from "../../events/schemas";
import {
  type DeliveriesMessage,
  type DeliveryEvent,
  EVENTS_A_MESSAGE,
  pack,
} from "../queues/messages";
import {
  classicPayload,
  eventType,
  fleetPayload,
  type Payload,
  type SimFacts,
} from "../../events/payload";
import type { Owner, Subscriber } from "../ingest/owners";

/**
 * Puts each event on the queue of every webhook of its account that wants it. What was queued is not queued again because
 * the queues refuse the rest, which is kept aside. Throws where they take nothing.
 */
export async function fanOut(
  queues: Pick<Env, "DELIVERIES" | "DELIVERIES_SLOW">,
  db: Db,
  events: readonly { event: Event; owner: Owner }[],
  subscribers: readonly Subscriber[],
): Promise<void> {
  const messages: Record<Subscriber["lane"], DeliveriesMessage[]> = { fast: [], slow: [] };
  const owned = events.map(({ event, owner }) => ({
    event,
    owner,
    as: deliveriesOf(event, owner),
  }));
  for (const webhook of subscribers) {
    const wanted = owned.filter(({ event, owner }) => isWanted(webhook, event, owner));
    const deliveries = await Promise.all(wanted.map(({ as }) => as(webhook.payload)));
    messages[webhook.lane].push(...messagesFor(webhook.id, webhook.accountId, deliveries));
  }
  const refused = [
    ...(await sendByEither(queues, "fast", messages.fast)),
    ...(await sendByEither(queues, "slow", messages.slow)),
  ];
  const queued = messages.fast.length + messages.slow.length - refused.length;
  if (refused.length > 0 && queued === 0) throw new Error(NO_QUEUE);
  await keepRefused(db, refused);
}

function isWanted(webhook: Subscriber, event: Event, sim: Owner): boolean {
  return (
    sim.accountId === webhook.accountId &&
    !webhook.excludeTypes.some((name) => eventType(name) === event.type) &&
    (webhook.tags.length === 0 ||
      (event.time >= sim.visibleFrom && webhook.tags.some((tag) => sim.tags.includes(tag))))
  );
}

/** An event's deliveries, each form of it made once. */
function deliveriesOf(event: Event, sim: SimFacts) {
  const made = new Map<Payload, Promise<DeliveryEvent>>();
  return (payload: Payload) => {
    const delivery = made.get(payload) ?? asDelivery(event, payload, sim);
    made.set(payload, delivery);
    return delivery;
  };
}

/** The messages that deliver events to a webhook. */
export function messagesFor(
  webhookId: string,
  accountId: string,
  deliveries: readonly DeliveryEvent[],
): DeliveriesMessage[] {
  return pack(deliveries, EVENTS_A_MESSAGE).map((some) => ({
    webhook_id: webhookId,
    account_id: accountId,
    attempt: 1,
    waits: 0,
    events: some,
  }));
}

/** An event as it is delivered. */
export async function asDelivery(
  event: Event,
  payload: Payload,
  sim: SimFacts,
): Promise<DeliveryEvent> {
  const data = payload === "fleet" ? fleetPayload(event, sim) : classicPayload(event);
  const { type, sim_id } = event;
  return { id: await eventId(event), type, sim_id, body: JSON.stringify(data) };
}
