import * as z from "zod";

/** How an event is counted whose identity another content has: beside it, or in its place. */
export const RetryAs = z.enum(["another", "replacement"]);
export type RetryAs = z.output<typeof RetryAs>;

/** A message of the `events` queue. Its events are checked one by one, so that a wrong one holds up no other. */
export const EventsMessage = z.object({
  events: z.array(z.unknown()).max(10_000),
  /** Set when the operator tries unmatched events again: the row of each, to take away once it is stored. */
  unmatched_ids: z.array(z.int()).optional(),
  /** With them: what the operator decided of events whose identity is another's. */
  as: RetryAs.optional(),
});
export type EventsMessage = z.input<typeof EventsMessage>;

/** A message of the `deliveries` queue: events for one webhook, each with the body to POST. */
export const DeliveriesMessage = z.object({
  webhook_id: z.string(),
  account_id: z.string(),
  /** Which try it is, from 1. */
  attempt: z.int().min(1).default(1),
  /** How often it was put back, since its account had no turn in the slow lane. */
  waits: z.int().min(0).default(0),
  events: z
    .array(z.object({ id: z.string(), type: z.string(), sim_id: z.string(), body: z.string() }))
    .min(1),
  unmatched_id: z.int().optional(),
});
export type DeliveriesMessage = z.output<typeof DeliveriesMessage>;
export type DeliveryEvent = DeliveriesMessage["events"][number];

/** Events that a message holds at most, of either queue. */
export const EVENTS_A_MESSAGE = 100;

/** Bytes of a message: under the queue's 64 KB unit of price. */
const MESSAGE_BYTES = 60_000;

/** Parts items into lists of at most `most` and so many bytes of JSON each, in order. */
export function pack<Item>(
  items: readonly Item[],
  most: number,
  mostBytes = MESSAGE_BYTES,
): Item[][] {
  const packs: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = byteLength(item) + 1;
    let last = packs.at(-1);
    if (!last || last.length >= most || bytes + size > mostBytes) {
      last = [];
      packs.push(last);
      bytes = 0;
    }
    last.push(item);
    bytes += size;
  }
  return packs;
}

/** What `sendBatch` takes is 100 messages and 256 KB. */
const CALL_MESSAGES = 100;
const CALL_BYTES = 240_000;

/** Puts messages of at most 60 KB each on a queue, to be consumed after a delay if one is given. */
export async function sendAll<Message>(
  queue: Queue,
  messages: readonly Message[],
  delaySeconds = 0,
): Promise<void> {
  for (const call of callsOf(messages)) await sendCall(queue, call, delaySeconds);
}

/** The messages, as many together as a call of a queue takes. */
export function callsOf<Message>(messages: readonly Message[]): Message[][] {
  return pack(messages, CALL_MESSAGES, CALL_BYTES);
}

/** Puts the messages of one call on a queue. */
export async function sendCall<Message>(
  queue: Queue,
  messages: readonly Message[],
  delaySeconds: number,
): Promise<void> {
  await queue.sendBatch(
    messages.map((body) => ({ body, contentType: "json" as const })),
    { delaySeconds },
  );
}

function byteLength(item: unknown): number {
  return new TextEncoder().encode(JSON.stringify(item)).byteLength;
}
