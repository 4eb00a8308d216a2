import { and, eq, gte, type SQL, sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import { type Db, NOTHING, statement } from "../db/client";
import { eventFeed } from "../db/tables";
import { writeCursor } from "../http/pagination";
import { simWithin } from "../tags/within";
import { usageInsertedBy } from "../usage/store";
import type { Event, NetworkEvent, UsageEvent } from "./catalogue";
import { networkInsertedBy } from "./network-log";
import { type PublicEvent, publicEvent } from "./payload";
import { readStored, type StoredEvent } from "./stored";

/** Where a reader of the feed is: the row, and how many of its events it has. */
export type FeedPosition = [seq: number, read: number];

export interface FeedPage {
  events: PublicEvent[];
  /** `next_page` is there on the last page too: what is stored later comes behind it. */
  pagination: { has_more: boolean; next_page: string };
}

/** Appends what `run` stored to the feeds of its accounts, a row each. */
export function appendToFeed(
  db: Db,
  usage: readonly UsageEvent[],
  network: readonly NetworkEvent[],
  run: number,
) {
  return db.insert(eventFeed).select(
    sql`
      SELECT account_id, ${nextSeq(sql`event_feed WHERE event_feed.account_id = fresh.account_id`)},
        json_group_array(json(event))
      FROM (
        SELECT account_id, json_object('type', 'usage', 'id', nullif(id, ''), 'time', time,
          'bill_id', bill_id, 'sim_id', sim_id, 'country_code', country_code, 'operation', operation,
          'upload', upload, 'download', download, 'details', json(details)) AS event
        FROM (${usageInsertedBy(run, usage)})
        UNION ALL
        SELECT account_id, json_object('type', type, 'id', nullif(id, ''), 'time', time,
          'sim_id', sim_id, 'imei', imei, 'country_code', country_code,
          'country_code_previous', country_code_previous, 'details', json(details))
        FROM (${networkInsertedBy(run, network)})
      ) AS fresh
      WHERE true
      GROUP BY account_id`,
  );
}

/** The `seq` of a row that is to come behind all `rows`: the time, or one more than the last. */
export function nextSeq(rows: SQL): SQL {
  return sql`max(${Date.now()}, 1 + coalesce((SELECT max(seq) FROM ${rows}), 0))`;
}

/** Rows of the feed that a page of a narrowed key reads at most, however few of their events it may see. */
const SCANNED_ROWS = 100;

/**
 * The events behind a position whose SIMs are within reach, in the order in which they were stored. A narrowed key's page
 * may hold fewer than `limit` and still not be the last.
 */
export async function readFeed(
  db: Db,
  reach: Reach,
  { after, limit }: { after: FeedPosition; limit: number },
  scannedRows = SCANNED_ROWS,
): Promise<FeedPage> {
  const narrowed = reach.tags !== null;
  const end = sql`(SELECT max(seq) FROM (
    SELECT seq FROM event_feed WHERE account_id = ${reach.accountId} AND seq >= ${after[0]} ORDER BY seq LIMIT ${scannedRows}))`;
  const more = sql`EXISTS (SELECT 1 FROM event_feed WHERE account_id = ${reach.accountId} AND seq > ${end})`;
  const seen = and(sql`seq <= ${end}`, simWithin(reach, sql`entry.value ->> 'sim_id'`, sql`seq`));
  const [rows, [scan]] = await db.batch([
    selectFeed(db, reach.accountId, after, limit + 1, narrowed ? seen : undefined),
    statement<{ end: number | null; more: number }>(
      db,
      narrowed ? sql`SELECT ${end} AS "end", ${more} AS more` : NOTHING,
    ),
  ]);
  const some = rows.slice(0, limit);
  const last = some.at(-1);
  const full = rows.length > limit;
  // All of the rows up to `end` are read, unless the page was full before.
  const read: FeedPosition | undefined = !full && scan?.end ? [scan.end + 1, 0] : undefined;
  return {
    events: await Promise.all(some.map(({ event }) => publicEvent(readEntry(event)))),
    pagination: {
      has_more: full || scan?.more === 1,
      next_page: writeCursor(read ?? (last ? [last.seq, last.index + 1] : after)),
    },
  };
}

/** Selects the feed behind a position, an event a row, for {@link readEntry}; `where` may ask for more of `entry` and `seq`. */
export function selectFeed(
  db: Db,
  accountId: string,
  [seq, read]: FeedPosition,
  limit: number,
  where?: SQL,
) {
  return db
    .select({
      seq: sql<number>`${eventFeed.seq}`.as("seq"),
      index: sql<number>`entry.key`.as("index"),
      event: sql<string>`entry.value`.as("event"),
    })
    .from(sql`${eventFeed} CROSS JOIN json_each(${eventFeed.events}) AS entry`)
    .where(
      and(
        eq(eventFeed.accountId, accountId),
        gte(eventFeed.seq, seq),
        sql`(${eventFeed.seq} > ${seq} OR entry.key >= ${read})`,
        where,
      ),
    )
    .orderBy(eventFeed.seq, sql`entry.key`)
    .limit(limit);
}

/** An entry as {@link appendToFeed} wrote it. */
export function readEntry(text: string): Event {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return readStored(JSON.parse(text) as StoredEvent);
}
