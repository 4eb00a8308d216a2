import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { nextSeq } from "../../db/sequence";
import { eventFeed } from "../../db/tables";
import { networkEntry, usageEntry } from "../../events/entries";

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
