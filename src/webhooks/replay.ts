import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Reach } from "../auth/reach";
import type { Db } from "../db/client";
import { deliveryLog, eventFeed } from "../db/tables";
import { ApiError } from "../errors";
import type { Event } from "../events/catalogue";
import { EVENT_TYPES } from "../events/types";
import { readEntry, selectFeed } from "../events/feed";
import { findEvents } from "../events/find";
import { simWithin } from "../tags/within";
import { TimeOrDate } from "../time";
import { DeliveryFilter, inEntries, inRows } from "./delivery-log";
import { checkOwn, selectOwn } from "./reach";

/** How deliveries ended that are sent again. */
const REPLAYED = ["accepted", "failed"] as const;

/** Which events a webhook is to be sent again. */
export const ReplayInput = DeliveryFilter.extend({
  since: TimeOrDate,
  /** What is being retried is sent anyway. */
  status: z.enum(REPLAYED).optional(),
  dry_run: z.boolean().default(false),
});

/** A message of the `replays` queue: what is left to send again. */
export const Replay = z.object({
  webhook_id: z.string(),
  account_id: z.string(),
  since: z.int(),
  until: z.int(),
  /** Tags of the key that asked, where it is narrowed: only events of SIMs that carry one of them. */
  tags: z.array(z.string()).nullable().default(null),
  /** The events whose delivery to the webhook ended so; left out: all that the account's feed holds. */
  status: z.enum(REPLAYED).optional(),
  type: z.enum(EVENT_TYPES).optional(),
  sim_id: z.string().optional(),
  /** Where the last step ended. */
  after: z.tuple([z.int(), z.int()]),
});
export type Replay = z.output<typeof Replay>;

/** Rows of the feed or of the log that a replay may read, and bytes of the log: what D1 counts in a few seconds. */
const MOST_ROWS = 2000;
const MOST_LOG_BYTES = 100_000_000;

/**
 * How many events a replay sends. Throws `webhook_not_found`, `tag_forbidden`, `webhook_inactive` for one that takes none, and
 * `replay_too_large` for a period of more than `mostRows` rows, or `mostLogBytes` of the log.
 */
export async function countReplay(
  db: Db,
  replay: Replay,
  mostRows = MOST_ROWS,
  mostLogBytes = MOST_LOG_BYTES,
): Promise<number> {
  const { webhook_id, status } = replay;
  const rows =
    status === undefined
      ? sql`(SELECT seq, events AS entries FROM event_feed WHERE ${feedRows(replay)} LIMIT ${mostRows + 1})`
      : sql`(SELECT seq, deliveries AS entries FROM delivery_log WHERE ${inRows(whoseLog(replay), replay)} LIMIT ${mostRows + 1})`;
  const bytes = status === undefined ? sql`0` : sql`sum(octet_length(entries))`;
  const fits = sql`(SELECT count(*) <= ${mostRows} AND ${bytes} <= ${mostLogBytes} FROM ${rows})`;
  const wanted = status === undefined ? feedEntries(replay) : inEntries(reachOf(replay), replay);
  const id = status === undefined ? sql`*` : sql`DISTINCT entry.value ->> 'event_id'`;
  const reach = reachOf(replay);
  const [found, [size], [count]] = await db.batch([
    selectOwn(db, reach, webhook_id),
    db.select({ fits: sql<number | null>`${fits}`.as("fits") }).from(sql`(SELECT 1)`),
    db
      .select({ events: sql<number>`count(${id})`.as("events") })
      .from(
        sql`${rows} CROSS JOIN json_each(CASE WHEN ${fits} THEN entries ELSE '[]' END) AS entry`,
      )
      .where(wanted),
  ]);
  if (!checkOwn(found).active) throw new ApiError("webhook_inactive");
  if (size?.fits === 0) throw new ApiError("replay_too_large");
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
  const where = and(feedRows(replay), feedEntries(replay));
  const rows = await selectFeed(db, replay.account_id, replay.after, limit, where);
  return {
    events: rows.map(({ event }) => readEntry(event)),
    last: rows.length === limit ? rows.at(-1) : undefined,
  };
}

async function nextOfLog(db: Db, replay: Replay, limit: number): Promise<Step> {
  const [seq, read] = replay.after;
  const reach = reachOf(replay);
  const rows = await db
    .select({
      seq: sql<number>`${deliveryLog.seq}`,
      index: sql<number>`entry.key`,
      id: sql<string>`entry.value ->> 'event_id'`,
      type: sql<string>`entry.value ->> 'type'`,
    })
    .from(sql`${deliveryLog} CROSS JOIN json_each(${deliveryLog.deliveries}) AS entry`)
    .where(
      and(
        inRows(whoseLog(replay), replay),
        inEntries(reach, replay),
        gte(deliveryLog.seq, seq),
        sql`(${deliveryLog.seq} > ${seq} OR entry.key >= ${read})`,
      ),
    )
    .orderBy(deliveryLog.seq, sql`entry.key`)
    .limit(limit);
  const wanted = new Set(rows.map(({ id, type }) => `${type} ${id}`));
  const found = await findEvents(db, reach, [...new Set(rows.map(({ id }) => id))]);
  return {
    events: found.flatMap(({ id, event }) => (wanted.has(`${event.type} ${id}`) ? event : [])),
    last: rows.length === limit ? rows.at(-1) : undefined,
  };
}

function reachOf({ account_id, tags }: Replay): Reach {
  return { accountId: account_id, tags };
}

function whoseLog({ account_id, webhook_id }: Replay) {
  return { accountId: account_id, webhookId: webhook_id };
}

/** Which rows of the feed a replay reads. */
function feedRows({ account_id, since, until }: Replay): SQL | undefined {
  return and(
    eq(eventFeed.accountId, account_id),
    gte(eventFeed.seq, since),
    lt(eventFeed.seq, until),
  );
}

/** Which of a row's events, as `entry`, a replay sends: of the type asked for, else of those the webhook wants. */
function feedEntries(replay: Replay): SQL | undefined {
  const { webhook_id, account_id, type, sim_id } = replay;
  const unwanted = sql`
    SELECT replace(value, 'network-authentication', 'network-validation') FROM webhooks CROSS JOIN json_each(exclude_types)
    WHERE webhooks.id = ${webhook_id} AND webhooks.account_id = ${account_id}`;
  const tagged = sql`
    SELECT 1 FROM webhooks CROSS JOIN json_each(tags) AS tag
    WHERE webhooks.id = ${webhook_id} AND webhooks.account_id = ${account_id}`;
  return and(
    simWithin(reachOf(replay), sql`entry.value ->> 'sim_id'`, sql`seq`),
    sql`(NOT EXISTS (${tagged}) OR EXISTS (${tagged} AND EXISTS (
      SELECT 1 FROM sim_tags
      WHERE account_id = ${account_id} AND tag_id = tag.value AND sim_id = entry.value ->> 'sim_id')))`,
    type === undefined
      ? sql`entry.value ->> 'type' NOT IN (${unwanted})`
      : sql`entry.value ->> 'type' = ${type}`,
    sim_id === undefined ? undefined : sql`entry.value ->> 'sim_id' = ${sim_id}`,
  );
}
