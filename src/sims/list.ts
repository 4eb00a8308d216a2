import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type Db, NOTHING, statement } from "../db/client";
import { withFilters } from "../http/filter";
import { cursor, Limit, Offset, page, type Pagination, writeCursor } from "../http/pagination";
import { tagsOfAccount } from "../tags/queries";
import {
  byFilter,
  byIndex,
  conditions,
  given,
  isSelective,
  SimFilter,
  type Source,
} from "./filter";
import { asFleetSim, fleetColumns, type FleetRow, type FleetSim } from "./fleet-sim";
import { type Order, orderOf, Position, Sort } from "./order";

/** A cursor carries the whole question: clients repeat their filters beside it, or others. */
const NextPage = z
  .object({ filter: SimFilter, sort: Sort, after: Position })
  .refine(({ sort, after }) => orderOf(sort).isPosition(after));

/** What `GET /sims` is asked for. */
export const SimsQuery = withFilters(
  z.object({
    limit: Limit,
    // A client that pages by it would read the first page for ever.
    offset: Offset.pipe(z.literal(0)),
    sort: Sort,
    filter: SimFilter,
    next_page: cursor(NextPage),
  }),
);
export type SimsQuery = z.output<typeof SimsQuery>;

/** Rows that are looked through where no index has both the filters and the order. */
const SCANNED = 4000;
/** SIMs that a filter may leave to be sorted in memory. */
const SORTED = 2000;

export interface SimPage {
  pagination: Pagination;
  sims: FleetSim[];
}

/**
 * A page of the account's SIMs. One filter, or one order, is read through its index. Where there is more to a question,
 * a bounded part of the fleet is looked through: a page may then hold fewer than `limit` and still not be the last.
 */
export async function listSims(
  db: Db,
  accountId: string,
  { limit, ...query }: SimsQuery,
  { scanned = SCANNED, sorted = SORTED } = {},
): Promise<SimPage> {
  const { filter, sort } = query.next_page ?? query;
  const after = query.next_page?.after;
  const now = Date.now();
  const order = orderOf(sort);
  const keys = given(filter);
  const [first, ...others] = keys;
  const inOrder = first !== undefined && (order.index === "sims_by_id" || first === "imei");
  const source = inOrder ? byFilter(accountId, filter, first) : byIndex(accountId, order.index);
  const rest = conditions(accountId, filter, inOrder ? others : keys);
  const partly = inOrder ? others.length > 0 && first !== "imei" : keys.length > 0;
  const few =
    !inOrder && first && isSelective(first) ? byFilter(accountId, filter, first) : undefined;

  const read = { columns: fleetColumns(now), source, order, after, rest };
  const [rows, fewRows, [fewCount], [account]] = await db.batch([
    statement<Met>(
      db,
      partly
        ? through(read, scannedUnlessFew(few, sorted, scanned), limit + 1)
        : straight(read, limit + 1),
    ),
    statement<Met>(db, few ? sortedFew({ ...read, source: few }, sorted, limit + 1) : NOTHING),
    statement<{ found: number }>(db, few ? countFew(few, sorted) : NOTHING),
    tagsOfAccount(db, accountId),
  ]);
  const small = few !== undefined && (fewCount?.found ?? 0) <= sorted;
  const met = (small ? fewRows : rows).filter(({ passes }) => passes);
  const position = (row: FleetRow) => ({ filter, sort, after: order.positionOf(row) });
  const cut = page(met, limit, position);
  // Where the page is not full, the last row that was looked at tells where the next one begins.
  const end = small || cut.pagination.has_more ? undefined : rows.find(({ is_last }) => is_last);
  return {
    pagination: end ? { has_more: true, next_page: writeCursor(position(end)) } : cut.pagination,
    sims: order.settle(cut.rows.map((row) => asFleetSim(row, account?.tags ?? {}, now))),
  };
}

/** A row that was met: whether it passes the filters, and whether it is the last that may be looked at. */
type Met = FleetRow & { passes: number; is_last: number };

interface Read {
  columns: ReturnType<typeof fleetColumns>;
  source: Source;
  order: Order;
  after: Position | undefined;
  rest: ReturnType<typeof conditions>;
}

/** Rows as the source has them: all of them are wanted. */
function straight({ columns, source, order, after, rest }: Read, limit: number) {
  return sql`
    SELECT ${columns}, 1 AS passes, 0 AS is_last FROM ${source.from}
    WHERE ${source.where} AND ${order.behind(after, source.id)} AND ${rest}
    ORDER BY ${order.by(source.id)} LIMIT ${limit}`;
}

/**
 * The wanted ones of the next `scanned` rows, and the last of those. They come in the order in which they are met, so
 * that no more are looked at than it takes to fill a page.
 */
function through({ columns, source, order, after, rest }: Read, scanned: SQL, limit: number) {
  return sql`
    SELECT ${columns}, ${rest} AS passes, met = ${scanned} AS is_last FROM (
      SELECT *, row_number() OVER () AS met FROM (
        SELECT sims.* FROM ${source.from}
        WHERE ${source.where} AND ${order.behind(after, source.id)}
        ORDER BY ${order.by(source.id)} LIMIT ${scanned})
    ) AS sims
    WHERE ${rest} OR met = ${scanned} LIMIT ${limit}`;
}

/** All that the source has, sorted; right where it has no more than `most`. */
function sortedFew({ columns, source, order, after, rest }: Read, most: number, limit: number) {
  return sql`
    SELECT ${columns}, 1 AS passes, 0 AS is_last
    FROM (
      SELECT sims.* FROM ${source.from} WHERE ${source.where}
      LIMIT iif((${countFew(source, most)}) > ${most}, 0, ${most})
    ) AS sims
    WHERE ${order.behind(after)} AND ${rest} ORDER BY ${order.by()} LIMIT ${limit}`;
}

/** None where the filter leaves so few that they are sorted. */
function scannedUnlessFew(few: Source | undefined, most: number, scanned: number): SQL {
  return few ? sql`iif((${countFew(few, most)}) > ${most}, ${scanned}, 0)` : sql`${scanned}`;
}

function countFew({ from, where }: Source, most: number) {
  return sql`SELECT count(*) AS found FROM (SELECT 1 FROM ${from} WHERE ${where} LIMIT ${most + 1})`;
}
