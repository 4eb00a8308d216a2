import { eq, sql } from "drizzle-orm";
import { allOf, type Access } from "../../../access/access";
import type { Db } from "../../../db/client";
import { MET } from "../../../db/scan";
import { sims } from "../../../db/tables";
import { ApiError } from "../../../platform/errors";
import { usagePayload } from "../../../events/schemas";
import { pageOfMet } from "../../../http/pagination";
import { isVisible } from "../../../access/visibility";
import { startOfMonth } from "../../../platform/time";
import { ofAccount } from "../list-records";
import { recordsWithin } from "../scan";
import { type Period, RECORD, recordsIn, type Whose } from "../sql";
import type { NextPage, Position, UsageQuery } from "./schemas";
import { knownTotals, totalsOf } from "../totals";
import type { Usage } from "../responses";

/**
 * The records of a SIM, or of all visible SIMs, from `time_begin` (the start of this month) until before
 * `time_end` (now), oldest first. Some from before `keptSince` may be removed; the sums count them by whole days. Throws
 * `time_begin_invalid` where it lies in the future and no end was asked for, `time_end_invalid`, `sim_id_forbidden` and `sim_id_not_found`.
 */
export async function readUsage(
  db: Db,
  access: Access,
  query: UsageQuery,
  keptSince = 0,
): Promise<Usage> {
  const now = Date.now();
  const { next_page, limit } = query;
  const begin = query.time_begin ?? startOfMonth(now);
  const end = query.time_end ?? next_page?.end ?? now;
  if (end < begin)
    throw query.time_end === undefined
      ? new ApiError("time_begin_invalid", {}, "time_begin: expected a time that has come")
      : new ApiError("time_end_invalid", {}, "time_end: expected a time from time_begin on");
  const { sim_id } = query;
  const whose = { ...access, sim: sim_id === undefined ? undefined : sql`${sim_id}` };
  const totals = next_page ? knownTotals(next_page) : totalsOf(whose, { begin, end }, now);

  const [owners, found, [sums]] = await db.batch([
    db
      .select({
        mine: sql<number>`${sims.accountId} = ${access.accountId} AND ${isVisible(access, sql`sims.tags`)}`.as(
          "mine",
        ),
      })
      .from(sims)
      .where(eq(sims.id, query.sim_id ?? "")),
    db
      .select({ ...RECORD, ...MET })
      .from(sql`(${recordsAfter(whose, { begin, end }, next_page?.after, limit + 1, keptSince)})`),
    db
      .select({
        upload: sql<string>`upload`,
        download: sql<string>`download`,
        too_many: sql<number>`too_many`,
      })
      .from(sql`(${totals})`),
  ]);
  if (query.sim_id !== undefined) {
    const [owner] = owners;
    if (!owner) throw new ApiError("sim_id_not_found");
    if (!owner.mine) throw new ApiError("sim_id_forbidden");
  }
  const { upload = "0", download = "0", too_many = 0 } = sums ?? {};
  if (too_many) throw new ApiError("usage_too_large");
  const position = (row: Row): NextPage => ({ after: positionOf(row), end, upload, download });
  const { rows, pagination } = pageOfMet(found, limit, position);
  const usage = rows.toSorted((a, b) => a.time - b.time).map(usagePayload);
  return { usage, upload, download, pagination };
}

type Row = Parameters<typeof usagePayload>[0] & { id: string };

function positionOf({ time, sim_id, bill_id, operation, id }: Row): Position {
  return { time, sim_id, bill_id, operation, id };
}

/**
 * The period's records after a position: of a SIM by time; of an account by minute and SIM, as they are stored, so that
 * of a minute in which very many were reported only the page's are read.
 */
function recordsAfter(
  whose: Whose,
  period: Period,
  after: Position | undefined,
  limit: number,
  keptSince: number,
) {
  if (whose.sim === undefined) {
    const all = { ...whose, ...allOf(whose.accountId) };
    return recordsWithin(whose, sql`SELECT * FROM ${ofAccount(all, period, after)}`, limit);
  }
  const begin = Math.max(period.begin, after?.time ?? 0);
  const behind = after
    ? sql`AND (time, sim_id, bill_id, operation, id) > (${after.time}, ${after.sim_id}, ${after.bill_id}, ${after.operation}, ${after.id})`
    : sql``;
  const from = recordsIn(whose, { begin, end: period.end }, { atLeast: limit, keptSince });
  const records = sql`SELECT * FROM ${from} ${behind} ORDER BY minute, time, sim_id, bill_id, operation, id`;
  return recordsWithin(allOf(whose.accountId), records, limit);
}
