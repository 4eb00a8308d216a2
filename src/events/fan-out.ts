import type { Env } from "../env";
import { queueOf } from "../webhooks/send-later";
import { EVENTS_A_MESSAGE } from "../webhooks/visit";
import { type Event, publicEvent } from "./catalogue";
import { type DeliveriesMessage, type DeliveryEvent, pack, sendAll } from "./messages";
import type { Subscriber } from "./store";

/** Puts each event on the queue of every webhook of its account that wants its type. */
export async function fanOut(
  queues: Pick<Env, "DELIVERIES" | "DELIVERIES_SLOW">,
  events: readonly Event[],
  accounts: ReadonlyMap<string, string>,
  subscribers: readonly Subscriber[],
): Promise<void> {
  if (subscribers.length === 0) return;
  const deliveries = await Promise.all(
    events.map(async (event) => ({ ...event, delivery: await asDelivery(event) })),
  );
  const messages: Record<Subscriber["lane"], DeliveriesMessage[]> = { fast: [], slow: [] };
  for (const { id, accountId, excludeTypes, lane } of subscribers) {
    const wanted = deliveries.filter(
      ({ sim_id, type }) => accounts.get(sim_id) === accountId && !excludeTypes.includes(type),
    );
    messages[lane].push(
      ...messagesFor(
        id,
        accountId,
        wanted.map(({ delivery }) => delivery),
      ),
    );
  }
  await sendAll(queueOf(queues, "fast"), messages.fast);
  await sendAll(queueOf(queues, "slow"), messages.slow);
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
    events: some,
  }));
}

/** An event as it is delivered. */
export async function asDelivery(event: Event): Promise<DeliveryEvent> {
  const { id, type, data } = await publicEvent(event);
  return { id, type, sim_id: event.sim_id, body: JSON.stringify(data) };
}
