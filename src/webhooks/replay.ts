import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../db/client";
import { deliveryLog, eventFeed, webhooks } from "../db/tables";
import { ApiError } from "../errors";
import { type Event, EVENT_TYPES } from "../events/catalogue";
import { selectFeed } from "../events/feed";
import { findEvents } from "../events/find";
import { Time } from "../time";
import { DELIVERY_STATUS, DeliveryFilter, matches } from "./delivery-log";

/** Which events a webhook is to be sent again. */
export const ReplayInput = DeliveryFilter.extend({
  since: Time,
  dry_run: z.boolean().default(false),
});

/** A message of the `replays` queue: what is left to send again. */
export const Replay = z.object({
  webhook_id: z.string(),
  account_id: z.string(),
  since: z.int(),
  until: z.int(),
  /** The events whose delivery to the webhook ended so; left out: all that the account's feed holds. */
  status: z.enum(DELIVERY_STATUS).optional(),
  type: z.enum(EVENT_TYPES).optional(),
  sim_id: z.string().optional(),
  /** Where the last step ended. */
  after: z.tuple([z.int(), z.int()]),
});
export type Replay = z.output<typeof Replay>;

/** How many events a replay sends. Throws `webhook_not_found`, and `webhook_inactive` for one that takes none. */
export async function countReplay(db: Db, replay: Replay): Promise<number> {
  const { webhook_id, account_id, status } = replay;
  const [[webhook], [count]] = await db.batch([
    db
      .select({ active: webhooks.active })
      .from(webhooks)
      .where(and(eq(webhooks.id, webhook_id), eq(webhooks.accountId, account_id))),
    status === undefined
      ? db
          .select({ events: sql<number>`count(*)`.as("events") })
          .from(sql`${eventFeed} CROSS JOIN json_each(${eventFeed.events}) AS entry`)
          .where(and(eq(eventFeed.accountId, account_id), inFeed(replay)))
      : db
          .select({ events: sql<number>`count(DISTINCT entry.value ->> 'event_id')`.as("events") })
          .from(sql`${deliveryLog} CROSS JOIN json_each(${deliveryLog.deliveries}) AS entry`)
          .where(matches({ accountId: account_id, webhookId: webhook_id }, replay)),
  ]);
  if (!webhook) throw new ApiError("webhook_not_found");
  if (!webhook.active) throw new ApiError("webhook_inactive");
  return count?.events ?? 0;
}

/** The next events of a replay, at most `limit`, and what is left of it then. */
export async function nextOfReplay(
  db: Db,
  replay: Replay,
  limit: number,
): Promise<{ events: Event[]; left: Replay | undefined }> {
  const { events, last } =
    replay.status === undefined
      ? await nextOfFeed(db, replay, limit)
      : await nextOfLog(db, replay, limit);
  return { events, left: last && { ...replay, after: [last.seq, last.index + 1] } };
}

interface Step {
  events: Event[];
  /** The last entry read, when there may be more. */
  last: { seq: number; index: number } | undefined;
}

async function nextOfFeed(db: Db, replay: Replay, limit: number): Promise<Step> {
  const rows = await selectFeed(db, replay.account_id, replay.after, limit, inFeed(replay));
  return {
    events: rows.map(({ event }) => event),
    last: rows.length === limit ? rows.at(-1) : undefined,
  };
}

async function nextOfLog(db: Db, replay: Replay, limit: number): Promise<Step> {
  const [seq, read] = replay.after;
  const rows = await db
    .select({
      seq: sql<number>`${deliveryLog.seq}`,
      index: sql<number>`entry.key`,
      id: sql<string>`entry.value ->> 'event_id'`,
    })
    .from(sql`${deliveryLog} CROSS JOIN json_each(${deliveryLog.deliveries}) AS entry`)
    .where(
      and(
        matches({ accountId: replay.account_id, webhookId: replay.webhook_id }, replay),
        gte(deliveryLog.seq, seq),
        sql`(${deliveryLog.seq} > ${seq} OR entry.key >= ${read})`,
      ),
    )
    .orderBy(deliveryLog.seq, sql`entry.key`)
    .limit(limit);
  const found = await findEvents(db, replay.account_id, [...new Set(rows.map(({ id }) => id))]);
  return { events: [...found.values()], last: rows.length === limit ? rows.at(-1) : undefined };
}

/** Which entries of the feed a replay sends: of the type asked for, else of those the webhook wants. */
function inFeed({ webhook_id, since, until, type, sim_id }: Replay): SQL | undefined {
  const unwanted = sql`SELECT value FROM webhooks CROSS JOIN json_each(exclude_types) WHERE webhooks.id = ${webhook_id}`;
  return and(
    gte(eventFeed.seq, since),
    lt(eventFeed.seq, until),
    type === undefined
      ? sql`entry.value ->> 'type' NOT IN (${unwanted})`
      : sql`entry.value ->> 'type' = ${type}`,
    sim_id === undefined ? undefined : sql`entry.value ->> 'sim_id' = ${sim_id}`,
  );
}
