import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { scan } from "../../db/scan";
import { PAGE_BYTES } from "../../http/page-bytes";
import { type Met, pageOfMet } from "../../http/pagination";
import type { Pagination } from "../../http/responses";

/** Which of the unmatched events; of a SIM without a reason: those that no account had the SIM for. */
export interface UnmatchedFilter {
  reason?: string | undefined;
  sim_id?: string | undefined;
}

export interface PageBounds {
  limit: number;
  after?: number | undefined;
  /** Bytes of events; an event may be 128 KB. */
  bytes?: number;
}

/** Events that a call scans at most for those of a reason. */
const SCANNED = 5_000;

export interface UnmatchedRow {
  id: number;
  queue: "events" | "deliveries";
  reason: string;
  /** As JSON text. */
  event: string;
  stored: string | null;
  received_at: number;
}

/** A page of unmatched events that pass a filter, oldest first. It may hold fewer than `limit` and still not be the last. */
export async function pageOfUnmatched(
  db: Db,
  filter: UnmatchedFilter | undefined,
  { limit, after = 0, bytes = PAGE_BYTES }: PageBounds,
): Promise<{ rows: UnmatchedRow[]; pagination: Pagination }> {
  const found = await statement<Met & UnmatchedRow & { fits: number }>(
    db,
    sql`
      SELECT found.id, passes, is_last, taken < ${bytes} AS fits, queue, reason, received_at,
        CASE WHEN passes AND taken < ${bytes} THEN event END AS event,
        CASE WHEN passes AND taken < ${bytes} THEN stored END AS stored
      FROM (${sized(filter, after, limit)}) AS found CROSS JOIN unmatched_events ON unmatched_events.id = found.id`,
  );
  // The first event that has no room ends the page; a page has one event at least.
  const room = found.filter(({ passes }) => passes).findIndex(({ fits }) => !fits);
  return pageOfMet(found, room > 0 ? Math.min(room, limit) : limit, ({ id }) => id);
}

/** Removes unmatched events that pass a filter, the oldest first; answers how many, and where a next call goes on. */
export async function removeUnmatched(
  db: Db,
  filter: UnmatchedFilter,
  { limit, after = 0, bytes = 5 * PAGE_BYTES }: PageBounds,
): Promise<{ removed: number; pagination: Pagination }> {
  const found = sql`SELECT id, passes, is_last, taken < ${bytes} AS fits FROM (${sized(filter, after, limit)})`;
  const [rows, removed] = await db.batch([
    statement<Met & { id: number; fits: number }>(db, found),
    statement<{ id: number }>(
      db,
      sql`
        DELETE FROM unmatched_events WHERE id IN (SELECT id FROM (${found}) WHERE passes AND fits LIMIT ${limit})
        RETURNING id`,
    ),
  ]);
  const { pagination } = pageOfMet(rows, Math.max(removed.length, 1), ({ id }) => id);
  return { removed: removed.length, pagination };
}

/** The ids of a scan, each with the bytes of the events before it. Sizes are read without the events. */
function sized(filter: UnmatchedFilter | undefined, after: number, limit: number): SQL {
  const { where, passes } = conditionsOf(filter);
  const rows = sql`
    SELECT id, reason, octet_length(event) + coalesce(octet_length(stored), 0) AS size FROM unmatched_events WHERE id > ${after} ${where} ORDER BY id`;
  const scanned = scan(rows, limit + 1, passes && { passes, most: SCANNED });
  return sql`
    SELECT id, passes, is_last, sum(size * passes) OVER (ORDER BY id) - size * passes AS taken FROM (${scanned})`;
}

function conditionsOf(filter: UnmatchedFilter | undefined): { where: SQL; passes?: SQL } {
  if (!filter) return { where: sql`` };
  const { sim_id, reason } = filter;
  // Has an index.
  if (sim_id !== undefined && (reason === undefined || reason === "sim_not_found"))
    return { where: sql`AND reason = 'sim_not_found' AND event ->> 'sim_id' = ${sim_id}` };
  if (reason === undefined)
    return { where: sql``, passes: sql`scanned.reason <> 'message_invalid'` };
  const isOfReason = sql`scanned.reason = ${reason}`;
  if (sim_id === undefined) return { where: sql``, passes: isOfReason };
  // A message that is nested too deep for SQLite is of no SIM.
  const isOfSim = sql`(
    SELECT CASE WHEN json_valid(event) THEN event ->> 'sim_id' END FROM unmatched_events AS its WHERE its.id = scanned.id
  ) IS ${sim_id}`;
  return { where: sql``, passes: sql`iif(${isOfReason}, ${isOfSim}, 0)` };
}
