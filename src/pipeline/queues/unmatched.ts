import { asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { type Db, listed, statement } from "../../db/client";
import { unmatchedEvents } from "../../db/tables";
import type { Env } from "../../platform/env";
import { ApiError, type ErrorCode } from "../../platform/errors";
import {
  DeliveriesMessage,
  EVENTS_A_MESSAGE,
  type EventsMessage,
  pack,
  type RetryAs,
  sendAll,
} from "./messages";
import { type Event, identityOf, serializeEvent } from "../../events/schemas";
import { contentOf } from "../../events/content";
import type { Pagination } from "../../http/responses";
import type { Unmatched } from "./unmatched-response";
import { type PageBounds, pageOfUnmatched, type UnmatchedFilter } from "./unmatched-pages";
import { isoTime } from "../../platform/time";

type QueueName = "events" | "deliveries";

/**
 * Why an event is not stored: no account has its SIM; its identity is that of another content (`id_conflict`); it is from
 * before what is kept; the record that it corrects is not there; its message or a field is wrong; or every try failed.
 */
export type Reason =
  | "sim_not_found"
  | "id_conflict"
  | "time_too_old"
  | "replaces_not_found"
  | "message_invalid"
  | "dead_lettered"
  | ErrorCode;

/** An event that is kept aside. */
export interface SetAside {
  event: Event;
  reason: Reason;
  /** What its identity has instead. */
  stored?: Event;
  /** Its row, where it was kept aside before and tried again. */
  unmatchedId?: number | undefined;
}

/** Keeps events that are not stored, each content once, with the newest reason. */
export async function keepUnmatched(db: Db, set: readonly SetAside[]): Promise<void> {
  if (set.length === 0) return;
  const rows = await Promise.all(
    set.map(async ({ event, reason, stored, unmatchedId }) => ({
      id: unmatchedId ?? null,
      identity: await hash(`${identityOf(event)} ${contentOf(event)}`),
      reason,
      event: serializeEvent(event),
      stored: stored ? JSON.stringify(serializeEvent(stored)) : null,
    })),
  );
  const known = rows.filter(({ id }) => id !== null);
  const fresh = rows.filter(({ id }) => id === null);
  await db.batch([
    statement(
      db,
      sql`
      UPDATE unmatched_events SET reason = again.reason, stored = again.stored
      FROM (
        SELECT value ->> 'id' AS id, value ->> 'reason' AS reason, value ->> 'stored' AS stored
        FROM json_each(${JSON.stringify(known)})
      ) AS again
      WHERE unmatched_events.id = again.id
        AND (unmatched_events.reason, unmatched_events.stored) IS NOT (again.reason, again.stored)`,
    ),
    statement(
      db,
      sql`
      INSERT INTO unmatched_events (identity, queue, reason, event, stored, received_at)
      SELECT value ->> 'identity', 'events', value ->> 'reason', value ->> 'event', value ->> 'stored', ${Date.now()}
      FROM json_each(${JSON.stringify(fresh)})
      WHERE true
      ON CONFLICT (identity) DO UPDATE SET reason = excluded.reason, stored = excluded.stored
        WHERE (reason, stored) IS NOT (excluded.reason, excluded.stored)`,
    ),
  ]);
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
        SELECT NULL, value ->> 'identity', ${queue}, value ->> 'reason', value ->> 'event', NULL, ${Date.now()}
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
    received_at: isoTime(row.received_at),
    event: JSON.parse(row.event) as unknown,
    ...(row.stored !== null && { stored: JSON.parse(row.stored) as unknown }),
  }));
  return { events, pagination };
}

/** What is kept aside, and the queue that it goes back to. */
export interface Kept {
  id: number;
  queue: QueueName;
  reason: string;
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
  const kept = rows.map(({ id, queue, reason, event }) => ({
    id,
    queue,
    reason,
    event: JSON.parse(event) as unknown,
  }));
  return { kept, pagination };
}

/** The one with an id, in a list. */
export function findUnmatchedOne(db: Db, unmatchedId: number): Promise<Kept[]> {
  const { id, queue, reason, event } = unmatchedEvents;
  return db
    .select({ id, queue, reason, event: sql<unknown>`${event}`.mapWith(JSON.parse) })
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
  const { id, queue, reason, event } = unmatchedEvents;
  return db
    .select({ id, queue, reason, event: sql<unknown>`${event}`.mapWith(JSON.parse) })
    .from(unmatchedEvents)
    .where(sql`reason = 'sim_not_found' AND event ->> 'sim_id' IN ${simIds}`)
    .orderBy(asc(id))
    .limit(limit);
}

/** Bytes that a message may have: a queue takes 128 KB. */
const MESSAGE_BYTES = 127_000;

/**
 * Puts what is kept aside back on its queue; `as` decides conflicts. Its rows stay until the consumer has done its work. Answers how many: what is
 * too large for a queue together with its id, and what is no delivery, is left where it is.
 */
export async function retryUnmatched(
  queues: Pick<Env, "EVENTS" | "DELIVERIES">,
  kept: readonly Kept[],
  as?: RetryAs,
): Promise<number> {
  const events = kept.filter((one) => one.queue === "events" && fitsMessage(one));
  const packs = pack(events, EVENTS_A_MESSAGE);
  await sendAll<EventsMessage>(
    queues.EVENTS,
    packs.map((some) => ({
      events: some.map(({ event }) => event),
      unmatched_ids: some.map(({ id }) => id),
      ...(as && { as }),
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
