import { and, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Reach } from "../auth/reach";
import type { Db } from "../db/client";
import { deliveryLog } from "../db/tables";
import { nextSeq } from "../events/feed";
import { TypeName } from "../events/payload";
import { cursor, Limit, page, writeCursor } from "../http/pagination";
import { SimId } from "../sims/schemas";
import { simWithin } from "../tags/within";
import { TimeOrDate } from "../time";
import { checkOwn, selectOwn } from "./reach";
import type { Pagination } from "../http/answers";
import type { Delivery } from "./answers";

/** A run of the consumer ends after 15 minutes at the latest. */
const RUN_MS = 900_000;

/** How a delivery ended: `retrying` failed and will be tried again, `failed` will not. */
export const DELIVERY_STATUS = ["accepted", "retrying", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUS)[number];

/** What deliveries are asked for by. */
export const DeliveryFilter = z.object({
  since: TimeOrDate.optional(),
  until: TimeOrDate.optional(),
  status: z.enum(DELIVERY_STATUS).optional(),
  type: TypeName.optional(),
  sim_id: SimId.optional(),
});
export type DeliveryFilter = z.output<typeof DeliveryFilter>;

export const DeliveriesQuery = DeliveryFilter.extend({
  limit: Limit,
  next_page: cursor(z.tuple([z.int(), z.int()])),
});
export type DeliveriesQuery = z.output<typeof DeliveriesQuery>;

/** Appends how a run's deliveries to a webhook ended, in one row. */
export function appendDeliveries(db: Db, webhookId: string, deliveries: readonly Delivery[]) {
  const rows = sql`delivery_log WHERE webhook_id = ${webhookId}`;
  return db
    .insert(deliveryLog)
    .select(sql`SELECT ${webhookId}, ${nextSeq(rows)}, ${JSON.stringify(deliveries)}`);
}

/**
 * What one page reads of the log at most, however few of its deliveries the filter asks for: so many rows, and of those
 * no more once so many bytes are read. A row holds one delivery or a thousand, of about 220 bytes each.
 */
const SCANNED_ROWS = 500;
const SCANNED_BYTES = 10_000_000;

/**
 * A page of the webhook's deliveries of SIMs within reach, newest first; a page may hold fewer than `limit` and still not be the last.
 * Throws `webhook_not_found` and `tag_forbidden`.
 */
export async function listDeliveries(
  db: Db,
  reach: Reach,
  webhookId: string,
  { limit, next_page, ...filter }: DeliveriesQuery,
  scannedBytes = SCANNED_BYTES,
): Promise<{ deliveries: Delivery[]; pagination: Pagination }> {
  const [seq, index] = next_page ?? [Number.MAX_SAFE_INTEGER, 0];
  // Index 0: that row has been read to its first delivery.
  const newest = index > 0 ? seq : seq - 1;
  const whose = { accountId: reach.accountId, webhookId };
  const newestRows = sql`
    SELECT seq, octet_length(deliveries) AS bytes FROM delivery_log
    WHERE ${inRows(whose, filter)} AND seq <= ${newest} ORDER BY seq DESC LIMIT ${SCANNED_ROWS}`;
  const sized = sql`(SELECT seq, sum(bytes) OVER (ORDER BY seq DESC) - bytes AS before FROM (${newestRows}))`;
  const scanned = sql`(SELECT min(seq) FROM ${sized} WHERE before < ${scannedBytes})`;
  const [owners, found, [scan]] = await db.batch([
    selectOwn(db, reach, webhookId),
    db
      .select({
        seq: sql<number>`seq`,
        index: sql<number>`entry.key`.as("index"),
        delivery: sql<string>`entry.value`.as("delivery"),
      })
      .from(sql`delivery_log CROSS JOIN json_each(deliveries) AS entry`)
      .where(
        and(
          inRows(whose, filter),
          sql`seq BETWEEN ${scanned} AND ${newest}`,
          sql`(seq < ${seq} OR entry.key < ${index})`,
          inEntries(reach, filter),
        ),
      )
      .orderBy(sql`seq DESC`, sql`entry.key DESC`)
      .limit(limit + 1),
    db
      .select({
        last: sql<number | null>`${scanned}`.as("last"),
        more: sql<number>`EXISTS (SELECT 1 FROM delivery_log WHERE ${inRows(whose, filter)} AND seq < ${scanned})`.as(
          "more",
        ),
      })
      .from(sql`(SELECT 1)`),
  ]);
  checkOwn(owners);
  const { rows, pagination } = page(found, limit, (row) => [row.seq, row.index]);
  return {
    deliveries: rows.map(({ delivery }) => readLogged(delivery)),
    pagination:
      scan?.more && !pagination.has_more
        ? { has_more: true, next_page: writeCursor([scan.last, 0]) }
        : pagination,
  };
}

interface Whose {
  accountId: string;
  webhookId: string;
}

/** Which rows of the log can hold what a filter asks for: a row is written when its deliveries have ended. */
export function inRows(
  { accountId, webhookId }: Whose,
  { since, until }: DeliveryFilter,
): SQL | undefined {
  return and(
    sql`webhook_id = (SELECT id FROM webhooks WHERE id = ${webhookId} AND account_id = ${accountId})`,
    since === undefined ? undefined : sql`seq >= ${since}`,
    until === undefined ? undefined : sql`seq < ${until + RUN_MS}`,
  );
}

/** Which of a row's deliveries, as `entry`, are of SIMs within reach and what a filter asks for. */
export function inEntries(
  reach: Reach,
  { since, until, status, type, sim_id }: DeliveryFilter,
): SQL | undefined {
  return and(
    simWithin(reach, sql`entry.value ->> 'sim_id'`, sql`seq`),
    since === undefined ? undefined : sql`entry.value ->> 'time' >= ${iso(since)}`,
    until === undefined ? undefined : sql`entry.value ->> 'time' < ${iso(until)}`,
    status === undefined ? undefined : sql`entry.value ->> 'status' = ${status}`,
    type === undefined ? undefined : sql`entry.value ->> 'type' = ${type}`,
    sim_id === undefined ? undefined : sql`entry.value ->> 'sim_id' = ${sim_id}`,
  );
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** An entry as {@link appendDeliveries} wrote it. */
function readLogged(text: string): Delivery {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(text) as Delivery;
}
