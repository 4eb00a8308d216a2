import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Reach } from "../../../access/access";
import { type Db, NOTHING, statement } from "../../../db/client";
import { lookThrough } from "../../../db/scan";
import { withFilters } from "../../../http/query-filters";
import { cursor, endByBytes, Limit, type Met, NoOffset, pageOfMet } from "../../../http/pagination";
import { asShown, tagsOfAccount } from "../../tags/queries";
import {
  byFilter,
  byIndex,
  conditions,
  given,
  hasIndex,
  isSelective,
  SimFilter,
  type Source,
} from "./filter";
import { asFleetSim, bytesOfSim, fleetColumns, type FleetRow } from "../row";
import { type Order, orderOf, Position, Sort } from "./sort";
import type { SimPage } from "../responses";

/** A cursor carries the whole question: clients repeat their filters beside it, or others. */
const NextPage = z
  .object({ filter: SimFilter, sort: Sort, after: Position })
  .refine(({ sort, after }) => orderOf(sort).isPosition(after));

/** What `GET /sims` is asked for. */
export const SimsQuery = withFilters(
  z.object({
    limit: Limit,
    offset: NoOffset,
    sort: Sort,
    filter: SimFilter.default({}),
    next_page: cursor(NextPage),
  }),
);
export type SimsQuery = z.output<typeof SimsQuery>;

/** Rows that are looked through where no index has both the filters and the order. */
const SCANNED = 4000;
/** SIMs that a filter may leave to be sorted in memory. */
const SORTED = 2000;

/**
 * A page of the SIMs within reach. One filter, or one order, is read through its index. Where there is more to a question,
 * a bounded part of the fleet is looked through: a page may then hold fewer than `limit` and still not be the last.
 */
export async function listSims(
  db: Db,
  reach: Reach,
  { limit, ...query }: SimsQuery,
  { scanned = SCANNED, sorted = SORTED } = {},
): Promise<SimPage> {
  const { filter: asked, sort } = query.next_page ?? query;
  const { tags } = reach;
  if (tags?.length === 0) return { pagination: { has_more: false }, sims: [] };
  // All that a key of one tag may see has an index; another tag that is asked for is looked for in it.
  const own = tags?.length === 1 ? tags[0] : undefined;
  const filter = own === undefined ? asked : { ...asked, tag: own };
  const alsoTagged = own !== undefined && asked.tag !== undefined && asked.tag !== own;
  const after = query.next_page?.after;
  const now = Date.now();
  const order = orderOf(sort);
  const keys = given(filter);
  const first = keys.find((key) => hasIndex(filter, key));
  const inOrder = first !== undefined && (order.index === "sims_by_id" || first === "imei");
  const source = inOrder ? byFilter(reach, filter, first) : byIndex(reach, order.index);
  const others = inOrder ? keys.slice(1) : keys;
  const asWell = alsoTagged ? conditions(reach, asked, ["tag"]) : sql`1`;
  const rest = sql`${conditions(reach, filter, others)} AND ${asWell}`;
  const partly =
    (tags !== null && tags.length > 1) ||
    alsoTagged ||
    (others.length > 0 && !(inOrder && first === "imei"));
  const few = !inOrder && first && isSelective(first) ? byFilter(reach, filter, first) : undefined;

  const read = { columns: fleetColumns(reach, now), source, order, after, rest };
  const [rows, fewRows, [fewCount], [account]] = await db.batch([
    statement<FleetRow & Met>(
      db,
      partly
        ? through(read, scannedUnlessFew(few, sorted, scanned), limit + 1)
        : straight(read, limit + 1),
    ),
    statement<FleetRow & Met>(
      db,
      few ? sortedFew({ ...read, source: few }, sorted, limit + 1) : NOTHING,
    ),
    statement<{ found: number }>(db, few ? countFew(few, sorted) : NOTHING),
    tagsOfAccount(db, reach),
  ]);
  const small = few !== undefined && (fewCount?.found ?? 0) <= sorted;
  const shown = asShown(reach, account);
  const met = (small ? fewRows : rows).map((row) => ({
    passes: row.passes,
    is_last: row.is_last,
    after: order.positionOf(row),
    sim: asFleetSim(row, shown, now),
  }));
  const some = endByBytes(met, ({ sim }) => bytesOfSim(sim));
  const cut = pageOfMet(some, limit, ({ after: last }) => ({ filter: asked, sort, after: last }));
  return { pagination: cut.pagination, sims: order.settle(cut.rows.map(({ sim }) => sim)) };
}

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

/** The wanted ones of the next `scanned` rows, and the last of those. */
function through({ columns, source, order, after, rest }: Read, scanned: SQL, limit: number) {
  const rows = sql`
    SELECT sims.* FROM ${source.from}
    WHERE ${source.where} AND ${order.behind(after, source.id)} ORDER BY ${order.by(source.id)}`;
  return sql`
    SELECT ${columns}, passes, is_last FROM (${lookThrough(rows, sql`sims`, rest, scanned)}) AS sims
    WHERE passes OR is_last LIMIT ${limit}`;
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
