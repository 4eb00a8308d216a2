import { eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { sims } from "../db/tables";
import { ApiError } from "../errors";
import { type UsageEvent, usagePayload } from "../events/catalogue";
import { page, type Pagination } from "../http/pagination";
import { DAY_MS, MINUTE_MS, startOfMonth } from "../time";
import type { NextPage, Position, UsageQuery } from "./schemas";

export interface Usage {
  usage: ReturnType<typeof usagePayload>[];
  /** Bytes over the whole period, not the page; as text, since they may be more than a number holds. */
  upload: string;
  download: string;
  pagination: Pagination;
}

/**
 * The records of a SIM, or of all SIMs of the account, from `time_begin` (the start of this month) until before
 * `time_end` (now), oldest first. Some from before `keptSince` may be removed; the sums count them by whole days. Throws `time_end_invalid`, `sim_id_forbidden` and `sim_id_not_found`.
 */
export async function readUsage(
  db: Db,
  accountId: string,
  query: UsageQuery,
  keptSince = 0,
): Promise<Usage> {
  const now = Date.now();
  const { next_page, limit } = query;
  const begin = query.time_begin ?? startOfMonth(now);
  const end = query.time_end ?? next_page?.end ?? now;
  if (end < begin) throw new ApiError("time_end_invalid");
  const whose = { accountId, simId: query.sim_id };
  const totals = next_page ? totalsOfFirstPage(next_page) : totalsOf(whose, { begin, end }, now);

  const [owners, found, [sums]] = await db.batch([
    db
      .select({ mine: sql<number>`${sims.accountId} = ${accountId}`.as("mine") })
      .from(sims)
      .where(eq(sims.id, query.sim_id ?? "")),
    db
      .select(RECORD)
      .from(sql`(${recordsAfter(whose, { begin, end }, next_page?.after, limit + 1, keptSince)})`),
    db
      .select({ upload: sql<string>`upload`, download: sql<string>`download` })
      .from(sql`(${totals})`),
  ]);
  if (query.sim_id !== undefined) {
    const [owner] = owners;
    if (!owner) throw new ApiError("sim_id_not_found");
    if (!owner.mine) throw new ApiError("sim_id_forbidden");
  }
  const { upload = "0", download = "0" } = sums ?? {};
  const position = (row: Row): NextPage => ({ after: positionOf(row), end, upload, download });
  const { rows, pagination } = page(found, limit, position);
  return { usage: rows.map(usagePayload), upload, download, pagination };
}

/** Summed once, not once a page. */
function totalsOfFirstPage({ upload, download }: NextPage): SQL {
  return sql`SELECT ${upload} AS upload, ${download} AS download`;
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
function recordsAfter(
  whose: Whose,
  period: Period,
  after: Position | undefined,
  limit: number,
  keptSince: number,
) {
  const begin = Math.max(period.begin, after?.time ?? 0);
  const behind = after
    ? sql`AND (time, sim_id, bill_id, operation, id) > (${after.time}, ${after.sim_id}, ${after.bill_id}, ${after.operation}, ${after.id})`
    : sql``;
  return sql`
    SELECT * FROM ${recordsIn(whose, { begin, end: period.end }, { atLeast: limit, keptSince })} ${behind}
    ORDER BY minute, time, sim_id, bill_id, operation, id
    LIMIT ${limit}`;
}

/**
 * `... WHERE ...` of a period's records. A SIM's are looked up minute by minute, in the minutes that its days list,
 * so that no other SIM's are read; where only `atLeast` records are wanted, the days behind those are left out.
 */
function recordsIn(
  { accountId, simId }: Whose,
  { begin, end }: Period,
  { atLeast = Number.MAX_SAFE_INTEGER, keptSince = 0 } = {},
): SQL {
  const [first, last] = [begin, end].map((time) => Math.floor(time / MINUTE_MS));
  const inPeriod = sql`minute BETWEEN ${first} AND ${last} AND time >= ${begin} AND time < ${end}`;
  if (simId === undefined)
    return sql`usage_records WHERE account_id = ${accountId} AND ${inPeriod}`;
  // The first day's records may lie before `begin`, and those from before `keptSince` may be removed: they do not count.
  const countedFrom = Math.max(dayOf(begin) + 1, dayOf(keptSince));
  return sql`(
      SELECT DISTINCT day * 1440 + value AS listed
      FROM (
        SELECT day, minutes,
          sum(CASE WHEN day >= ${countedFrom} THEN records ELSE 0 END) OVER (ORDER BY day, country_code) - records AS before
        FROM usage_days
        WHERE account_id = ${accountId} AND sim_id = ${simId} AND day BETWEEN ${dayOf(begin)} AND ${dayOf(end)}
      ) CROSS JOIN json_each(minutes)
      WHERE before < ${atLeast} AND day * 1440 + value BETWEEN ${first} AND ${last}
    ) CROSS JOIN usage_records
    WHERE account_id = ${accountId} AND minute = listed AND sim_id = ${simId} AND ${inPeriod}`;
}

/** The period's sums: of its whole days from their totals, of the parts of days at its ends as {@link partOfDay} says. */
function totalsOf(whose: Whose, period: Period, now: number): SQL {
  const firstWhole = Math.ceil(period.begin / DAY_MS);
  const endOfWhole = Math.floor(period.end / DAY_MS);
  const sums =
    firstWhole > endOfWhole
      ? partOfDay(whose, period, now)
      : sql.join(
          [
            daysTotal(whose, firstWhole, endOfWhole - 1),
            partOfDay(whose, { begin: period.begin, end: firstWhole * DAY_MS }, now),
            partOfDay(whose, { begin: endOfWhole * DAY_MS, end: period.end }, now),
          ],
          sql` UNION ALL `,
        );
  return sql`
    SELECT CAST(coalesce(sum(upload), 0) AS TEXT) AS upload, CAST(coalesce(sum(download), 0) AS TEXT) AS download
    FROM (${sums})`;
}

/**
 * The sums of a part of one day: of its records, or, where that reads less, the day's total less the records
 * outside of it. Behind `now` a day is as good as empty.
 */
function partOfDay(whose: Whose, part: Period, now: number): SQL {
  const day = dayOf(part.begin);
  const head = { begin: day * DAY_MS, end: part.begin };
  const tail = { begin: part.end, end: (day + 1) * DAY_MS };
  const length = ({ begin, end }: Period) => Math.max(0, Math.min(end, now) - begin);
  if (length(part) <= length(head) + length(tail)) return recordsTotal(whose, part, "+");
  return sql`${daysTotal(whose, day, day)}
    UNION ALL ${recordsTotal(whose, head, "-")} UNION ALL ${recordsTotal(whose, tail, "-")}`;
}

function recordsTotal(whose: Whose, period: Period, sign: "+" | "-"): SQL {
  if (period.begin === period.end) return sql`SELECT 0 AS upload, 0 AS download`;
  return sql`SELECT ${sql.raw(sign)}upload AS upload, ${sql.raw(sign)}download AS download FROM ${recordsIn(whose, period)}`;
}

/** The totals of the days from `first` to `last`, both included. */
function daysTotal({ accountId, simId }: Whose, first: number, last: number): SQL {
  const days =
    simId === undefined
      ? sql`account_days WHERE account_id = ${accountId}`
      : sql`usage_days WHERE account_id = ${accountId} AND sim_id = ${simId}`;
  return sql`SELECT upload, download FROM ${days} AND day BETWEEN ${first} AND ${last}`;
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
