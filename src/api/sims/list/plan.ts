import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../../access/access";
import {
  byFilter,
  byIndex,
  conditions,
  given,
  hasIndex,
  isSelective,
  type SimFilter,
  type Source,
} from "./filter";
import type { Order } from "./sort";

/**
 * How a page of SIMs is read: the rows of `source`, in the page's order, that pass the condition `matches`.
 * - `index-order`: nearly every row matches, since an index has both the filter and the order.
 * - `bounded-scan`: an index has the order alone, so at most a fixed number of rows is scanned for a page.
 * - `filter-then-sort`: the filter of `few` may leave so few SIMs that they can be sorted in memory. If it leaves more, the
 *   page is read by a bounded scan.
 */
export type Plan =
  | { kind: "index-order" | "bounded-scan"; source: Source; matches: SQL }
  | { kind: "filter-then-sort"; source: Source; matches: SQL; few: Source };

/** Chooses how to read the SIMs that a key sees, by their filter and their order. */
export function choosePlan(access: Access, asked: SimFilter, order: Order): Plan {
  // A key with one tag reads by the index of that tag. If it asks for another tag, that one is checked row by row.
  const tagOfKey = access.tags?.length === 1 ? access.tags[0] : undefined;
  const filter = tagOfKey === undefined ? asked : { ...asked, tag: tagOfKey };
  const asksForOtherTag = asked.tag !== undefined && asked.tag !== filter.tag;
  const hasSeveralTags = access.tags !== null && access.tags.length > 1;
  const otherTag = asksForOtherTag ? conditions(access, asked, ["tag"]) : sql`1`;

  const keys = given(filter);
  const first = keys.find((key) => hasIndex(filter, key));
  const isDevice = first === "imei";
  // The index of a filter is in the order of ids. So few SIMs are in one device that they can be read in any order.
  if (first !== undefined && (order.index === "sims_by_id" || isDevice)) {
    const others = keys.slice(1);
    const isScan = hasSeveralTags || asksForOtherTag || (others.length > 0 && !isDevice);
    return {
      kind: isScan ? "bounded-scan" : "index-order",
      source: byFilter(access, filter, first),
      matches: sql`${conditions(access, filter, others)} AND ${otherTag}`,
    };
  }
  const source = byIndex(access, order.index);
  const matches = sql`${conditions(access, filter, keys)} AND ${otherTag}`;
  if (first !== undefined && isSelective(first))
    return { kind: "filter-then-sort", source, matches, few: byFilter(access, filter, first) };
  const isScan = hasSeveralTags || asksForOtherTag || keys.length > 0;
  return { kind: isScan ? "bounded-scan" : "index-order", source, matches };
}
