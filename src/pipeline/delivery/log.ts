import { and, eq, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { scan } from "../../db/scan";
import { deliveryLogDays } from "../../db/tables";
import { TypeName } from "../../events/payload";
import { cursor, Limit, type Met, pageOfMet } from "../../http/pagination";
import { SimId } from "../../http/scalars";
import { isSimVisible } from "../../access/visibility";
import { TimeOrDate, isoTime } from "../../platform/time";
import { checkOwn, selectOwn } from "./own-webhook";
import { type Delivery, DELIVERY_STATUS, type DeliveryPage } from "./responses";

/** A run of the consumer ends after 15 minutes at the latest. */
const RUN_MS = 900_000;

/** How a delivery ended: `retrying` failed and will be tried again, `failed` will not. */

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

/** Tries that one page scans at most, however few of them the filter asks for: of about 220 bytes each. */
const SCANNED_TRIES = 5_000;

/**
 * A page of the webhook's deliveries of visible SIMs, newest first; a page may hold fewer than `limit` and still not be the last.
 * Throws `webhook_not_found` and `tag_forbidden`.
 */
export async function listDeliveries(
  db: Db,
  access: Access,
  webhookId: string,
  { limit, next_page, ...filter }: DeliveriesQuery,
  scannedTries = SCANNED_TRIES,
): Promise<DeliveryPage> {
  const [seq, read] = next_page ?? [Number.MAX_SAFE_INTEGER, 0];
  const whose = { accountId: access.accountId, webhookId };
  const passes = inEntries(access, filter, sql`scanned.delivery`, sql`scanned.seq`);
  const tries = sql`
    ${selectTries(whose, filter)} AND delivery_log.seq <= ${seq} AND (delivery_log.seq < ${seq} OR entry.key >= ${read})
    ORDER BY delivery_log.seq DESC`;
  const [owners, found, [days]] = await db.batch([
    selectOwn(db, access, webhookId),
    statement<ScannedTry>(db, scan(tries, limit + 1, passes && { passes, most: scannedTries })),
    db
      .select({
        unlisted: sql<number>`coalesce(sum(${deliveryLogDays.unlisted}), 0)`.as("unlisted"),
      })
      .from(deliveryLogDays)
      .where(eq(deliveryLogDays.accountId, access.accountId)),
  ]);
  checkOwn(owners);
  const { rows, pagination } = pageOfMet(found, limit, (row) => [row.seq, row.index + 1]);
  return {
    deliveries: rows.map(({ delivery }) => readLogged(delivery)),
    pagination,
    // They are of all webhooks of the account.
    ...(access.tags === null && { unlisted: days?.unlisted ?? 0 }),
  };
}

interface ScannedTry extends Met {
  seq: number;
  index: number;
  delivery: string;
}

interface Whose {
  accountId: string;
  webhookId: string;
}

/** `SELECT ... WHERE` of the tries in the rows that can hold what a filter asks for. As the feed, they are ordered by `seq` alone. */
export function selectTries(whose: Whose, filter: DeliveryFilter): SQL {
  return sql`
    SELECT delivery_log.seq, entry.key AS "index", entry.value AS delivery
    FROM delivery_log CROSS JOIN json_each(delivery_log.deliveries) AS entry
    WHERE ${inRows(whose, filter)}`;
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

/** Whether a delivery (JSON) of a row's `seq` is of a visible SIM, and what a filter asks for; undefined: each is. */
export function inEntries(
  access: Access,
  { since, until, status, type, sim_id }: DeliveryFilter,
  delivery: SQL,
  seq: SQL,
): SQL | undefined {
  return and(
    access.tags === null ? undefined : isSimVisible(access, sql`${delivery} ->> 'sim_id'`, seq),
    since === undefined ? undefined : sql`${delivery} ->> 'time' >= ${isoTime(since)}`,
    until === undefined ? undefined : sql`${delivery} ->> 'time' < ${isoTime(until)}`,
    status === undefined ? undefined : sql`${delivery} ->> 'status' = ${status}`,
    type === undefined ? undefined : sql`${delivery} ->> 'type' = ${type}`,
    sim_id === undefined ? undefined : sql`${delivery} ->> 'sim_id' = ${sim_id}`,
  );
}

/** An entry as `logDeliveries` wrote it. */
function readLogged(text: string): Delivery {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(text) as Delivery;
}
