import { eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { sims } from "../db/tables";
import { ApiError } from "../errors";
import { type UsageEvent, usagePayload } from "../events/catalogue";
import { page, type Pagination } from "../http/pagination";
import { DAY_MS, MINUTE_MS, startOfMonth } from "../time";
import type { Position, UsageQuery } from "./schemas";

export interface Usage {
  usage: ReturnType<typeof usagePayload>[];
  /** Bytes over the whole period, not the page; as text, since they may be more than a number holds. */
  upload: string;
  download: string;
  pagination: Pagination;
}

/**
 * The records of a SIM, or of all SIMs of the account, from `time_begin` (the start of this month) until before
 * `time_end` (now), oldest first. Throws `time_end_invalid`, `sim_id_forbidden` and `sim_id_not_found`.
 */
export async function readUsage(db: Db, accountId: string, query: UsageQuery): Promise<Usage> {
  const now = Date.now();
  const begin = query.time_begin ?? startOfMonth(now);
  const end = query.time_end ?? now;
  if (end < begin) throw new ApiError("time_end_invalid");
  const whose = { accountId, simId: query.sim_id };

  const [owners, found, [totals]] = await db.batch([
    db
      .select({ mine: sql<number>`${sims.accountId} = ${accountId}`.as("mine") })
      .from(sims)
      .where(eq(sims.id, query.sim_id ?? "")),
    db
      .select(RECORD)
      .from(sql`(${recordsAfter(whose, { begin, end }, query.next_page, query.limit + 1)})`),
    db
      .select({ upload: sql<string>`upload`, download: sql<string>`download` })
      .from(sql`(${totalsOf(whose, { begin, end })})`),
  ]);
  if (query.sim_id !== undefined) {
    const [owner] = owners;
    if (!owner) throw new ApiError("sim_id_not_found");
    if (!owner.mine) throw new ApiError("sim_id_forbidden");
  }
  const { rows, pagination } = page(found, query.limit, positionOf);
  const { upload = "0", download = "0" } = totals ?? {};
  return { usage: rows.map(usagePayload), upload, download, pagination };
}

type Row = Parameters<typeof usagePayload>[0] & { id: string };

const RECORD = {
  time: sql<number>`time`,
  sim_id: sql<string>`sim_id`,
  bill_id: sql<string>`bill_id`,
  operation: sql<UsageEvent["operation"]>`operation`,
  id: sql<string>`id`,
  country_code: sql<string>`country_code`,
  upload: sql<number>`upload`,
  download: sql<number>`download`,
};

interface Whose {
  accountId: string;
  simId: string | undefined;
}

/** Milliseconds since 1970: `begin` belongs to it, `end` does not. */
interface Period {
  begin: number;
  end: number;
}

function positionOf({ time, sim_id, bill_id, operation, id }: Row): Position {
  return { time, sim_id, bill_id, operation, id };
}

/** The period's records behind a position, oldest first. */
function recordsAfter(whose: Whose, period: Period, after: Position | undefined, limit: number) {
  const begin = Math.max(period.begin, after?.time ?? 0);
  const behind = after
    ? sql`AND (time, sim_id, bill_id, operation, id) > (${after.time}, ${after.sim_id}, ${after.bill_id}, ${after.operation}, ${after.id})`
    : sql``;
  return sql`
    SELECT * FROM ${recordsIn(whose, { begin, end: period.end }, limit + 1)} ${behind}
    ORDER BY minute, time, sim_id, bill_id, operation, id
    LIMIT ${limit}`;
}

/**
 * `... WHERE ...` of a period's records. A SIM's are looked up minute by minute, in the minutes that its days list,
 * so that no other SIM's are read; `minutes` bounds how many of them, from the first. Each holds a record,
 * but those of the first minute may lie before `begin`.
 */
function recordsIn({ accountId, simId }: Whose, { begin, end }: Period, minutes = -1): SQL {
  const [first, last] = [begin, end].map((time) => Math.floor(time / MINUTE_MS));
  const inPeriod = sql`minute BETWEEN ${first} AND ${last} AND time >= ${begin} AND time < ${end}`;
  if (simId === undefined)
    return sql`usage_records WHERE account_id = ${accountId} AND ${inPeriod}`;
  return sql`(
      SELECT DISTINCT day * 1440 + value AS listed
      FROM usage_days CROSS JOIN json_each(minutes)
      WHERE account_id = ${accountId} AND sim_id = ${simId}
        AND day BETWEEN ${dayOf(begin)} AND ${dayOf(end)} AND day * 1440 + value BETWEEN ${first} AND ${last}
      ORDER BY 1 LIMIT ${minutes}
    ) CROSS JOIN usage_records
    WHERE account_id = ${accountId} AND minute = listed AND sim_id = ${simId} AND ${inPeriod}`;
}

/** The period's sums: its days' totals, less what their first and last day hold outside of it. */
function totalsOf(whose: Whose, { begin, end }: Period): SQL {
  const { accountId, simId } = whose;
  const head = { begin: dayOf(begin) * DAY_MS, end: begin };
  const tail = { begin: end, end: (dayOf(end - 1) + 1) * DAY_MS };
  const days =
    simId === undefined
      ? sql`account_days WHERE account_id = ${accountId}`
      : sql`usage_days WHERE account_id = ${accountId} AND sim_id = ${simId}`;
  return sql`
    SELECT CAST(coalesce(sum(upload), 0) AS TEXT) AS upload, CAST(coalesce(sum(download), 0) AS TEXT) AS download
    FROM (
      SELECT upload, download FROM ${days} AND day BETWEEN ${dayOf(begin)} AND ${dayOf(end - 1)}
      UNION ALL SELECT -upload, -download FROM ${recordsIn(whose, head)}
      UNION ALL SELECT -upload, -download FROM ${recordsIn(whose, tail)}
    )`;
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
