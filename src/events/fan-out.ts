import { classicPayload, type Event, eventId } from "./catalogue";
import { type DeliveriesMessage, type DeliveryEvent, pack, sendAll } from "./messages";
import type { Subscriber } from "./store";

/** Events a delivery message holds at most: an endpoint that never answers takes 15 s for each five. */
const EVENTS_A_MESSAGE = 20;

/** Puts each event on the `deliveries` queue for every webhook of its account that wants its type. */
export async function fanOut(
  queue: Queue,
  events: readonly Event[],
  accounts: ReadonlyMap<string, string>,
  subscribers: readonly Subscriber[],
): Promise<void> {
  if (subscribers.length === 0) return;
  const messages: DeliveriesMessage[] = [];
  for (const { id, accountId, excludeTypes } of subscribers) {
    const wanted = events.filter(
      ({ sim_id, type }) => accounts.get(sim_id) === accountId && !excludeTypes.includes(type),
    );
    for (const some of pack(await Promise.all(wanted.map(asDelivery)), EVENTS_A_MESSAGE))
      messages.push({ webhook_id: id, account_id: accountId, events: some });
  }
  await sendAll<DeliveriesMessage>(queue, messages);
}

async function asDelivery(event: Event): Promise<DeliveryEvent> {
  return {
    id: await eventId(event),
    type: event.type,
    body: JSON.stringify(classicPayload(event)),
  };
}
