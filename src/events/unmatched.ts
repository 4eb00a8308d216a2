import { and, asc, eq, gt, inArray, ne, type SQL, sql } from "drizzle-orm";
import { type Db, listed } from "../db/client";
import { unmatchedEvents } from "../db/tables";
import type { Env } from "../env";
import type { ErrorCode } from "../errors";
import { page } from "../http/pagination";
import { DeliveriesMessage, EVENTS_A_MESSAGE, type EventsMessage, pack, sendAll } from "./messages";
import { type Event, identityOf, serializeEvent } from "./catalogue";
import type { Pagination } from "../http/answers";
import type { Unmatched } from "./answers";

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
  { limit, after = 0 }: { limit: number; after?: number | undefined },
): Promise<{ events: Unmatched[]; pagination: Pagination }> {
  const found = await db
    .select()
    .from(unmatchedEvents)
    .where(gt(unmatchedEvents.id, after))
    .orderBy(asc(unmatchedEvents.id))
    .limit(limit + 1);
  const { rows, pagination } = page(found, limit, (row) => row.id);
  const events = rows.map((row) => ({
    id: String(row.id),
    reason: row.reason,
    received_at: new Date(row.receivedAt).toISOString(),
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

interface Wanted {
  id?: number | undefined;
  reason?: string | undefined;
  sim_id?: string | undefined;
  after?: number | undefined;
}

/**
 * The events that a retry asks for, oldest first: the one with an id, or all for a reason or of a SIM.
 * Messages that are none would only come back, so they are found by their id or their reason only.
 */
export async function findUnmatched(db: Db, wanted: Wanted, limit: number): Promise<Kept[]> {
  const { id, queue, event, reason } = unmatchedEvents;
  const rows = await db
    .select({ id, queue, event })
    .from(unmatchedEvents)
    .where(
      and(
        wanted.id === undefined ? undefined : eq(id, wanted.id),
        wanted.reason === undefined ? undefined : eq(reason, wanted.reason),
        (wanted.id ?? wanted.reason) ? undefined : ne(reason, "message_invalid"),
        gt(id, wanted.after ?? 0),
        wanted.sim_id === undefined ? undefined : sql`${event} ->> 'sim_id' = ${wanted.sim_id}`,
      ),
    )
    .orderBy(asc(id))
    .limit(limit);
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as unknown }));
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

/** Puts what is kept aside back on its queue. Its rows stay until the consumer has done its work. */
export async function retryUnmatched(
  queues: Pick<Env, "EVENTS" | "DELIVERIES">,
  kept: readonly Kept[],
): Promise<void> {
  const events = kept.filter(({ queue }) => queue === "events");
  const packs = pack(events, EVENTS_A_MESSAGE);
  await sendAll<EventsMessage>(
    queues.EVENTS,
    packs.map((some) => ({
      events: some.map(({ event }) => event),
      unmatched_ids: some.map(({ id }) => id),
    })),
  );
  const deliveries = kept.flatMap(({ id, queue, event }) => {
    if (queue !== "deliveries") return [];
    const { data } = DeliveriesMessage.safeParse(event);
    // What is no delivery would only come back here.
    return data ? [{ ...data, unmatched_id: id }] : [];
  });
  await sendAll<DeliveriesMessage>(queues.DELIVERIES, deliveries);
}

/** Takes away what has been stored since. */
export async function forgetUnmatched(db: Db, ids: readonly number[]): Promise<void> {
  await db.delete(unmatchedEvents).where(inArray(unmatchedEvents.id, listed(ids)));
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256 ${new Uint8Array(digest).toHex()}`;
}
