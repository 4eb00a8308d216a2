import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { isoTime } from "../../platform/time";

interface Newest {
  seq: number | null;
}

/** Asks when the account's newest event was stored. */
export function newestStored(db: Db, accountId: string) {
  return statement<Newest>(
    db,
    sql`SELECT max(seq) AS seq FROM event_feed WHERE account_id = ${accountId}`,
  );
}

/** That time as the API tells it; null where the account's feed is empty. */
export function asOf(newest: Newest | undefined): string | null {
  return newest?.seq ? isoTime(newest.seq) : null;
}
