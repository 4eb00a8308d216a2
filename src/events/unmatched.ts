import { asc, eq, gt, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { unmatchedEvents } from "../db/tables";
import { type ErrorCode } from "../errors";
import { page, type Pagination } from "../http/pagination";
import { type Event, identityOf, serializeEvent } from "./catalogue";

type Queue = "events" | "deliveries";

/** Why an event could not be stored: no account has its SIM, its message or a field is wrong, or every try failed. */
export type Reason = "sim_not_found" | "message_invalid" | "dead_lettered" | ErrorCode;

/** An event that is kept aside, as the operator sees it. */
export interface Unmatched {
  id: string;
  reason: string;
  received_at: string;
  /** What came: an event where it can be read as one. */
  event: unknown;
}

/** Keeps those of the events whose SIM no account has, each once. */
export function keepUnmatched(db: Db, events: readonly Event[]) {
  const rows = events.map((event) => ({
    identity: identityOf(event),
    sim_id: event.sim_id,
    event: serializeEvent(event),
  }));
  return db
    .insert(unmatchedEvents)
    .select(
      sql`
        SELECT NULL, value ->> 'identity', 'events', 'sim_not_found', value ->> 'event', ${Date.now()}
        FROM json_each(${JSON.stringify(rows)})
        WHERE NOT EXISTS (SELECT 1 FROM sims WHERE id = value ->> 'sim_id')`,
    )
    .onConflictDoNothing();
}

/** Keeps what came by `queue` and cannot be an event, or could not be worked through; the same thing once. */
export async function keepAside(
  db: Db,
  queue: Queue,
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

/** What is kept under the id, and the queue that it goes back to. */
export async function findUnmatched(
  db: Db,
  id: number,
): Promise<{ queue: Queue; event: unknown } | undefined> {
  const [found] = await db
    .select({ queue: unmatchedEvents.queue, event: unmatchedEvents.event })
    .from(unmatchedEvents)
    .where(eq(unmatchedEvents.id, id));
  return found && { queue: found.queue, event: JSON.parse(found.event) as unknown };
}

export async function forgetUnmatched(db: Db, id: number): Promise<void> {
  await db.delete(unmatchedEvents).where(eq(unmatchedEvents.id, id));
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256 ${new Uint8Array(digest).toHex()}`;
}
