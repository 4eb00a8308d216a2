import type { Context } from "hono";
import * as z from "zod";
import type { Pagination } from "./responses";
import { cursor, Limit } from "./pagination";

/** Parameters of a list whose answer is a bare array. */
export function arrayPage<S extends z.ZodType>(position: S) {
  return z.object({ limit: Limit, next_page: cursor(position) });
}

/** Answers a page of a list that is a bare array: the next page is in the header `Link`, as RFC 8288 has it. */
export function answerArray<Item>(c: Context, items: Item[], { next_page }: Pagination) {
  if (next_page === undefined) return c.json(items);
  const next = new URL(c.req.url);
  next.searchParams.set("next_page", next_page);
  return c.json(items, 200, { link: `<${next.href}>; rel="next"` });
}
