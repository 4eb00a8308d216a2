import { eq, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { scan } from "../../db/scan";
import { eventFeed } from "../../db/tables";
import { type FeedPosition, selectFeed } from "../../pipeline/feed/select";
import { type Met, pageOfMet, writeCursor } from "../../http/pagination";
import { isSimVisible } from "../../access/visibility";
import { type PublicEvent, publicEvent } from "../../events/payload";
import { readEntry } from "../../events/from-row";

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

/** Events that a page of a narrowed key scans at most, however few of them it may see: 17 MB of the largest. */
const SCANNED_EVENTS = 5_000;

/**
 * The events after a position whose SIMs are visible, in the order in which they were stored. A narrowed key's page
 * may hold fewer than `limit` and still not be the last.
 */
export async function readFeed(
  db: Db,
  access: Access,
  { after, since, limit }: FeedQuery,
  scannedEvents = SCANNED_EVENTS,
): Promise<FeedPage> {
  const [simId, time] = [sql`scanned.event ->> 'sim_id'`, sql`scanned.event ->> 'time'`];
  const seen = isSimVisible(access, simId, sql`scanned.seq`, time);
  const filter = access.tags === null ? undefined : { passes: seen, most: scannedEvents };
  const feed = selectFeed({ accountId: access.accountId, after: after ?? [since, 0] });
  const [found, [newest]] = await db.batch([
    statement<ScannedEvent>(db, scan(feed, limit + 1, filter)),
    db
      .select({ seq: sql<number | null>`max(${eventFeed.seq})`.as("newest") })
      .from(eventFeed)
      .where(eq(eventFeed.accountId, access.accountId)),
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
