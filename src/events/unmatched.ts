import { asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { type Db, listed } from "../db/client";
import { unmatchedEvents } from "../db/tables";
import type { Env } from "../env";
import { ApiError, type ErrorCode } from "../errors";
import { DeliveriesMessage, EVENTS_A_MESSAGE, type EventsMessage, pack, sendAll } from "./messages";
import { type Event, identityOf, serializeEvent } from "./catalogue";
import type { Pagination } from "../http/answers";
import type { Unmatched } from "./answers";
import { type PageBounds, pageOfUnmatched, type UnmatchedFilter } from "./unmatched-pages";

type QueueName = "events" | "deliveries";

/** Why an event could not be stored: no account has its SIM, its message or a field is wrong, or every try failed. */
export type Reason = "sim_not_found" | "message_invalid" | "dead_lettered" | ErrorCode;

/** Keeps events whose SIM no account has, each once. */
export async function keepUnmatched(db: Db, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    identity: identityOf(event),
    event: serializeEvent(event),
  }));
  await db
    .insert(unmatchedEvents)
    .select(
      sql`
        SELECT NULL, value ->> 'identity', 'events', 'sim_not_found', value ->> 'event', ${Date.now()}
        FROM json_each(${JSON.stringify(rows)})
        WHERE true`,
    )
    .onConflictDoNothing();
}

/** Keeps what came by `queue` and cannot be an event, or could not be worked through; the same thing once. */
export async function keepAside(
  db: Db,
  queue: QueueName,
  given: readonly { reason: Reason; value: unknown }[],
): Promise<void> {
  if (given.length === 0) return;
  const rows = await Promise.all(
    given.map(async ({ reason, value }) => {
      const event = JSON.stringify(value) ?? "null";
      return { identity: await hash(event), reason, event };
    }),
  );
  await db
    .insert(unmatchedEvents)
    .select(
      sql`
        SELECT NULL, value ->> 'identity', ${queue}, value ->> 'reason', value ->> 'event', ${Date.now()}
        FROM json_each(${JSON.stringify(rows)})
        WHERE true`,
    )
    .onConflictDoNothing();
}

/** A page of what is kept aside, oldest first. */
export async function listUnmatched(
  db: Db,
  bounds: PageBounds,
): Promise<{ events: Unmatched[]; pagination: Pagination }> {
  const { rows, pagination } = await pageOfUnmatched(db, undefined, bounds);
  const events = rows.map((row) => ({
    id: String(row.id),
    reason: row.reason,
    received_at: new Date(row.received_at).toISOString(),
    event: JSON.parse(row.event) as unknown,
  }));
  return { events, pagination };
}

/** What is kept aside, and the queue that it goes back to. */
export interface Kept {
  id: number;
  queue: QueueName;
  event: unknown;
}

/**
 * The events that a retry asks for, oldest first: all for a reason, of a SIM, or both. Messages that are none would only
 * come back, so they are found by their reason only, or one by one.
 */
export async function findUnmatched(
  db: Db,
  filter: UnmatchedFilter,
  bounds: PageBounds,
): Promise<{ kept: Kept[]; pagination: Pagination }> {
  const { rows, pagination } = await pageOfUnmatched(db, filter, bounds);
  const kept = rows.map(({ id, queue, event }) => ({
    id,
    queue,
    event: JSON.parse(event) as unknown,
  }));
  return { kept, pagination };
}

/** The one with an id, in a list. */
export function findUnmatchedOne(db: Db, unmatchedId: number): Promise<Kept[]> {
  const { id, queue, event } = unmatchedEvents;
  return db
    .select({ id, queue, event: sql<unknown>`${event}`.mapWith(JSON.parse) })
    .from(unmatchedEvents)
    .where(eq(id, unmatchedId));
}

/** Removes the one with an id. Throws `unmatched_not_found`. */
export async function removeUnmatchedOne(db: Db, id: number): Promise<void> {
  const [removed] = await db.batch([
    db
      .delete(unmatchedEvents)
      .where(eq(unmatchedEvents.id, id))
      .returning({ id: unmatchedEvents.id }),
  ]);
  if (removed.length === 0) throw new ApiError("unmatched_not_found");
}

/** True where the core network reported events of the SIM while no account had it. */
export function isReported(simId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM unmatched_events WHERE reason = 'sim_not_found' AND event ->> 'sim_id' = ${simId})`;
}

/** The oldest events, at most `limit`, that were kept because no account had their SIM: one of `simIds`, a subquery. */
export function findWaiting(db: Db, simIds: SQL, limit: number) {
  const { id, queue, event } = unmatchedEvents;
  return db
    .select({ id, queue, event: sql<unknown>`${event}`.mapWith(JSON.parse) })
    .from(unmatchedEvents)
    .where(sql`reason = 'sim_not_found' AND event ->> 'sim_id' IN ${simIds}`)
    .orderBy(asc(id))
    .limit(limit);
}

/** Bytes that a message may have: a queue takes 128 KB. */
const MESSAGE_BYTES = 127_000;

/**
 * Puts what is kept aside back on its queue. Its rows stay until the consumer has done its work. Answers how many: what is
 * too large for a queue together with its id, and what is no delivery, is left where it is.
 */
export async function retryUnmatched(
  queues: Pick<Env, "EVENTS" | "DELIVERIES">,
  kept: readonly Kept[],
): Promise<number> {
  const events = kept.filter((one) => one.queue === "events" && fitsMessage(one));
  const packs = pack(events, EVENTS_A_MESSAGE);
  await sendAll<EventsMessage>(
    queues.EVENTS,
    packs.map((some) => ({
      events: some.map(({ event }) => event),
      unmatched_ids: some.map(({ id }) => id),
    })),
  );
  const deliveries = kept.flatMap((one) => {
    if (one.queue !== "deliveries" || !fitsMessage(one)) return [];
    const { data } = DeliveriesMessage.safeParse(one.event);
    // What is no delivery would only come back here.
    return data ? [{ ...data, unmatched_id: one.id }] : [];
  });
  await sendAll<DeliveriesMessage>(queues.DELIVERIES, deliveries);
  return events.length + deliveries.length;
}

function fitsMessage({ id, event }: Kept): boolean {
  const message = JSON.stringify({ events: [event], unmatched_ids: [id] });
  return new TextEncoder().encode(message).byteLength <= MESSAGE_BYTES;
}

/** Takes away what has been stored since. */
export async function forgetUnmatched(db: Db, ids: readonly number[]): Promise<void> {
  await db.delete(unmatchedEvents).where(inArray(unmatchedEvents.id, listed(ids)));
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256 ${new Uint8Array(digest).toHex()}`;
}
