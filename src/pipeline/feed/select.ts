import { type SQL, sql } from "drizzle-orm";

/** Where a reader of the feed is: the row, and how many of its events it has. */
export type FeedPosition = [seq: number, read: number];

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
