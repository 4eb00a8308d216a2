import * as z from "zod";
import type { Access } from "../../../access/access";
import { type Db, NOTHING, statement } from "../../../db/client";
import { withFilters } from "../../../http/query-filters";
import { cursor, endByBytes, Limit, type Met, NoOffset, pageOfMet } from "../../../http/pagination";
import { asShown, tagsOfAccount } from "../../tags/queries";
import { asFleetSim, bytesOfSim, fleetColumns, type FleetRow } from "../row";
import type { SimPage } from "../responses";
import { SimFilter } from "./filter";
import { choosePlan } from "./plan";
import { orderOf, Position, Sort } from "./sort";
import { type Bounds, statementsOf } from "./sql";

/** A cursor carries the whole question: clients repeat their filters beside it, or send others. */
const NextPage = z
  .object({ filter: SimFilter, sort: Sort, after: Position })
  .refine(({ sort, after }) => orderOf(sort).isPosition(after));

/** The parameters of `GET /sims`. */
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

const BOUNDS: Bounds = { scanned: 4_000, sorted: 2_000 };

/**
 * A page of the SIMs that a key sees. One filter, or one order, is read through its index. Anything else reads a bounded
 * part of the fleet: a page may then hold fewer than `limit` SIMs and still not be the last.
 */
export async function listSims(
  db: Db,
  access: Access,
  { limit, ...query }: SimsQuery,
  bounds: Partial<Bounds> = {},
): Promise<SimPage> {
  const { filter, sort } = query.next_page ?? query;
  if (access.tags?.length === 0) return { pagination: { has_more: false }, sims: [] };
  const { sorted: most, scanned } = { ...BOUNDS, ...bounds };
  const order = orderOf(sort);
  const now = Date.now();
  const { rows, sorted, found } = statementsOf(
    choosePlan(access, filter, order),
    { columns: fleetColumns(access, now), order, after: query.next_page?.after, limit: limit + 1 },
    { sorted: most, scanned },
  );
  const [inOrder, sortedRows, [count], [account]] = await db.batch([
    statement<FleetRow & Met>(db, rows),
    statement<FleetRow & Met>(db, sorted ?? NOTHING),
    statement<{ found: number }>(db, found ?? NOTHING),
    tagsOfAccount(db, access),
  ]);
  const isSorted = count !== undefined && count.found <= most;
  const tags = asShown(access, account);
  const read = (isSorted ? sortedRows : inOrder).map((row) => ({
    passes: row.passes,
    is_last: row.is_last,
    after: order.positionOf(row),
    sim: asFleetSim(row, tags, now),
  }));
  const fitting = endByBytes(read, ({ sim }) => bytesOfSim(sim));
  const page = pageOfMet(fitting, limit, ({ after }) => ({ filter, sort, after }));
  return { pagination: page.pagination, sims: order.sortPage(page.rows.map(({ sim }) => sim)) };
}
