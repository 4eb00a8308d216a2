import { eq, type SQL, sql } from "drizzle-orm";
import type { Reach } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { scan } from "../../db/scan";
import { eventFeed } from "../../db/tables";
import { type Met, pageOfMet, writeCursor } from "../../http/pagination";
import { simWithin } from "../../access/visibility";
import { networkEntry, usageEntry } from "../../events/entries";
import { type PublicEvent, publicEvent } from "../../events/payload";
import { readEntry } from "../../events/from-row";

/** Where a reader of the feed is: the row, and how many of its events it has. */
export type FeedPosition = [seq: number, read: number];

export interface FeedPage {
  events: PublicEvent[];
  /** `next_page` is there on the last page too: what is stored later comes behind it. */
  pagination: { has_more: boolean; next_page: string };
}

/** A reader begins at a time (`since`), and goes on at the position that its last page answered (`after`). */
export interface FeedQuery {
  after?: FeedPosition | undefined;
  since: number;
  limit: number;
}

/** Appends inserted records and entries, each a subquery, to the feeds of their accounts, a row each. */
export function appendToFeed(db: Db, usage: SQL, network: SQL) {
  return appendEntries(
    db,
    sql`
        SELECT account_id, ${usageEntry("stored")} AS event FROM (${usage}) AS stored
        UNION ALL
        SELECT account_id, ${networkEntry("stored")} FROM (${network}) AS stored`,
  );
}

/** Appends entries, each with its `account_id` and its `event` as {@link readEntry} takes it, a row an account. */
export function appendEntries(db: Db, entries: SQL) {
  return db.insert(eventFeed).select(
    sql`
      SELECT account_id, ${nextSeq(sql`event_feed WHERE event_feed.account_id = fresh.account_id`)},
        json_group_array(json(event))
      FROM (${entries}) AS fresh
      WHERE true
      GROUP BY account_id`,
  );
}

/** The `seq` of a row that is to come behind all `rows`: the time, or one more than the last. */
export function nextSeq(rows: SQL): SQL {
  return sql`max(${Date.now()}, 1 + coalesce((SELECT max(seq) FROM ${rows}), 0))`;
}

/** Events that a page of a narrowed key scans at most, however few of them it may see: 17 MB of the largest. */
const SCANNED_EVENTS = 5_000;

/**
 * The events after a position whose SIMs are within reach, in the order in which they were stored. A narrowed key's page
 * may hold fewer than `limit` and still not be the last.
 */
export async function readFeed(
  db: Db,
  reach: Reach,
  { after, since, limit }: FeedQuery,
  scannedEvents = SCANNED_EVENTS,
): Promise<FeedPage> {
  const [simId, time] = [sql`scanned.event ->> 'sim_id'`, sql`scanned.event ->> 'time'`];
  const seen = simWithin(reach, simId, sql`scanned.seq`, time);
  const filter = reach.tags === null ? undefined : { passes: seen, most: scannedEvents };
  const feed = selectFeed({ accountId: reach.accountId, after: after ?? [since, 0] });
  const [found, [newest]] = await db.batch([
    statement<ScannedEvent>(db, scan(feed, limit + 1, filter)),
    db
      .select({ seq: sql<number | null>`max(${eventFeed.seq})`.as("newest") })
      .from(eventFeed)
      .where(eq(eventFeed.accountId, reach.accountId)),
  ]);
  const { rows, pagination } = pageOfMet(found, limit, ({ seq, index }) => [seq, index + 1]);
  return {
    events: await Promise.all(rows.map(({ event }) => publicEvent(readEntry(event)))),
    pagination: {
      has_more: pagination.has_more,
      next_page: pagination.next_page ?? writeCursor(endOf(newest?.seq ?? null, after)),
    },
  };
}

/**
 * The position after all that is stored. It is not after `since`: an event that is being stored may get a `seq` from
 * before `since`, but always one that is greater than all that are there. A cursor never goes back, since a replica may
 * not have the newest rows yet.
 */
function endOf(newest: number | null, after: FeedPosition | undefined): FeedPosition {
  const end: FeedPosition = newest === null ? [0, 0] : [newest + 1, 0];
  return after && after[0] >= end[0] ? after : end;
}

interface ScannedEvent extends Met {
  seq: number;
  index: number;
  event: string;
}

/** A part of an account's feed: after a position, and stored before a time. */
export interface FeedPart {
  accountId: string;
  after: FeedPosition;
  until?: number;
}

/**
 * Selects a part of the feed, an event a row: `seq`, `index` and `event`, for {@link readEntry}. Ordered by `seq` alone: rows
 * come by their key and events as `json_each` has them, so that a LIMIT ends the reading. A row that has been read to its
 * end is passed over whole. By `entry.key` too, SQLite would
 * read and sort all that is stored after the position.
 */
export function selectFeed({ accountId, after: [seq, read], until }: FeedPart): SQL {
  const before = until === undefined ? sql`` : sql`AND event_feed.seq < ${until}`;
  return sql`
    SELECT event_feed.seq, entry.key AS "index", entry.value AS event
    FROM event_feed CROSS JOIN json_each(event_feed.events) AS entry
    WHERE event_feed.account_id = ${accountId} AND event_feed.seq >= ${seq} ${before}
      AND (event_feed.seq > ${seq} OR entry.key >= ${read})
      AND (event_feed.seq > ${seq} OR json_array_length(event_feed.events) > ${read})
    ORDER BY event_feed.seq`;
}
