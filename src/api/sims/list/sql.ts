import { type SQL, sql } from "drizzle-orm";
import { lookThrough } from "../../../db/scan";
import type { Source } from "./filter";
import type { Plan } from "./plan";
import type { Order, Position } from "./sort";

/** The part of the list that is read: `limit` SIMs after a position, in an order. */
export interface PageRead {
  /** The columns of a SIM. */
  columns: SQL;
  order: Order;
  after: Position | undefined;
  limit: number;
}

/** The bounds of a page that no index answers alone. */
export interface Bounds {
  /** Rows that a page scans at most. */
  scanned: number;
  /** SIMs that are sorted in memory at most. */
  sorted: number;
}

/**
 * The statements that read a page: `rows`, and for a filter that may leave few SIMs also `sorted` and `found`, the number
 * of SIMs that it leaves (counted up to one more than `bounds.sorted`). Where that is at most `bounds.sorted`, `sorted` has
 * the page and `rows` is empty, else the other way round: the database decides it, so that a page is one round trip.
 */
export function statementsOf(
  plan: Plan,
  page: PageRead,
  bounds: Bounds,
): { rows: SQL; sorted?: SQL; found?: SQL } {
  if (plan.kind !== "filter-then-sort") {
    const isScan = plan.kind === "bounded-scan";
    return {
      rows: isScan ? boundedScan(plan, page, sql`${bounds.scanned}`) : inIndexOrder(plan, page),
    };
  }
  const found = countUpTo(plan.few, bounds.sorted + 1);
  const scanned = sql`iif((${found}) > ${bounds.sorted}, ${bounds.scanned}, 0)`;
  return {
    rows: boundedScan(plan, page, scanned),
    sorted: filterThenSort(plan, page, bounds.sorted),
    found,
  };
}

function inIndexOrder({ source, matches }: Plan, { columns, order, after, limit }: PageRead): SQL {
  return sql`
    SELECT ${columns}, 1 AS passes, 0 AS is_last
    FROM ${source.from}
    WHERE ${source.where} AND ${order.after(after, source.id)} AND ${matches}
    ORDER BY ${order.by(source.id)} LIMIT ${limit}`;
}

/** Also answers the last row that was scanned, matching or not: the next page begins after it. */
function boundedScan(
  { source, matches }: Plan,
  { columns, order, after, limit }: PageRead,
  scanned: SQL,
): SQL {
  const rows = sql`
    SELECT sims.* FROM ${source.from}
    WHERE ${source.where} AND ${order.after(after, source.id)}
    ORDER BY ${order.by(source.id)}`;
  return sql`
    SELECT ${columns}, passes, is_last
    FROM (${lookThrough(rows, sql`sims`, matches, scanned)}) AS sims
    WHERE passes OR is_last LIMIT ${limit}`;
}

function filterThenSort(
  { few, matches }: Extract<Plan, { kind: "filter-then-sort" }>,
  { columns, order, after, limit }: PageRead,
  most: number,
): SQL {
  return sql`
    SELECT ${columns}, 1 AS passes, 0 AS is_last
    FROM (
      SELECT sims.* FROM ${few.from} WHERE ${few.where}
      LIMIT iif((${countUpTo(few, most + 1)}) > ${most}, 0, ${most})
    ) AS sims
    WHERE ${order.after(after)} AND ${matches}
    ORDER BY ${order.by()} LIMIT ${limit}`;
}

function countUpTo({ from, where }: Source, most: number): SQL {
  return sql`SELECT count(*) AS found FROM (SELECT 1 FROM ${from} WHERE ${where} LIMIT ${most})`;
}
