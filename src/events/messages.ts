import * as z from "zod";

/** A message of the `events` queue. Its events are checked one by one, so that a wrong one holds up no other. */
export const EventsMessage = z.object({
  events: z.array(z.unknown()).max(10_000),
  /** Set when the operator tries an unmatched event again: the row to take away once it is stored. */
  unmatched_id: z.int().optional(),
});
export type EventsMessage = z.input<typeof EventsMessage>;

/** A message of the `deliveries` queue: events for one webhook, each with the body to POST. */
export const DeliveriesMessage = z.object({
  webhook_id: z.string(),
  account_id: z.string(),
  events: z.array(z.object({ id: z.string(), type: z.string(), body: z.string() })),
  unmatched_id: z.int().optional(),
});
export type DeliveriesMessage = z.output<typeof DeliveriesMessage>;
export type DeliveryEvent = DeliveriesMessage["events"][number];

/** Bytes of a message: under the queue's 64 KB unit of price. */
const MESSAGE_BYTES = 60_000;

/** Parts items into lists of at most `most` and about 60 KB of JSON each, in order. */
export function pack<Item>(items: readonly Item[], most: number): Item[][] {
  const packs: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = byteLength(item) + 1;
    let last = packs.at(-1);
    if (!last || last.length >= most || bytes + size > MESSAGE_BYTES) {
      last = [];
      packs.push(last);
      bytes = 0;
    }
    last.push(item);
    bytes += size;
  }
  return packs;
}

/** `sendBatch` takes 256 KB and 100 messages: four of ours of 60 KB. */
const MESSAGES_A_CALL = 4;

/** Puts messages of at most 60 KB each on a queue. */
export async function sendAll<Message>(queue: Queue, messages: readonly Message[]): Promise<void> {
  for (let start = 0; start < messages.length; start += MESSAGES_A_CALL) {
    const some = messages.slice(start, start + MESSAGES_A_CALL);
    await queue.sendBatch(some.map((body) => ({ body, contentType: "json" as const })));
  }
}

function byteLength(item: unknown): number {
  return new TextEncoder().encode(JSON.stringify(item)).byteLength;
}
