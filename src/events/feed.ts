import { and, eq, gte, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { eventFeed } from "../db/tables";
import { writeCursor } from "../http/pagination";
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

/** The account's events behind a position, in the order in which they were stored. */
export async function readFeed(
  db: Db,
  accountId: string,
  { after, limit }: { after: FeedPosition; limit: number },
): Promise<FeedPage> {
  const rows = await selectFeed(db, accountId, after, limit + 1);
  const some = rows.slice(0, limit);
  const last = some.at(-1);
  return {
    events: await Promise.all(some.map(({ event }) => publicEvent(event))),
    pagination: {
      has_more: rows.length > limit,
      next_page: writeCursor(last ? [last.seq, last.index + 1] : after),
    },
  };
}

/** Rows of the feed, an event each; `where` may ask for more of `event` (JSON) and `seq`. */
export async function selectFeed(
  db: Db,
  accountId: string,
  [seq, read]: FeedPosition,
  limit: number,
  where: SQL = sql`true`,
): Promise<{ seq: number; index: number; event: Event }[]> {
  const rows = await db
    .select({
      seq: sql<number>`${eventFeed.seq}`,
      index: sql<number>`entry.key`,
      event: sql<string>`entry.value`,
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
  return rows.map(({ event, ...place }) => ({ ...place, event: readEntry(event) }));
}

/** An entry as {@link appendToFeed} wrote it. */
function readEntry(text: string): Event {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return readStored(JSON.parse(text) as StoredEvent);
}
