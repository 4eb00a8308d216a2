import * as z from "zod";
import { PAGE_BYTES } from "./page-bytes";
import type { Pagination } from "./responses";
import { shownAs } from "../platform/shown-as";

/** Rows of a page: 1 to `most`; a query string gives it as text. */
export function limitUpTo(most: number, unlessGiven = most) {
  const expected = `a whole number from 1 to ${most}`;
  const digits = z
    .string()
    .regex(/^[0-9]{1,4}$/)
    .transform(Number);
  return z
    .union([z.int(), digits], expected)
    .pipe(z.int(expected).min(1).max(most))
    .default(unlessGiven);
}

export const Limit = limitUpTo(1000);

/** Rows to pass over. */
export const Offset = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^[0-9]{1,9}$/)
        .transform(Number),
    ],
    "a whole number from 0 to 999999999",
  )
  .pipe(z.int().min(0).max(999_999_999))
  .default(0);

/** Pages go by cursor: one that is asked for by offset would be the first page again and again. */
export const NoOffset = shownAs(
  z.int().min(0).max(0).default(0),
  Offset.pipe(z.literal(0, "0: pages go by next_page")),
);

const CURSOR = "the next_page of the page before";

/** Characters of a cursor: one that repeats the longest filters there are, in characters of three bytes, has some 6,000. */
const LONGEST_CURSOR = 8192;

/** A URL-safe cursor that says where the last page ended, and nothing else. */
export function cursor<S extends z.ZodType>(position: S) {
  return z
    .string(CURSOR)
    .min(1)
    .max(LONGEST_CURSOR)
    .regex(/^[-_A-Za-z0-9]+={0,2}$/)
    .transform((text, context) => {
      try {
        const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
        return JSON.parse(
          new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes),
        ) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: CURSOR, input: text });
        return z.NEVER;
      }
    })
    .pipe(position)
    .optional();
}

/** Cuts `rows`, read with one more than `limit`, to a page; `position` of its last row starts the next one. */
export function page<Row>(
  rows: Row[],
  limit: number,
  position: (row: Row) => unknown,
): { rows: Row[]; pagination: Pagination } {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { rows, pagination: { has_more: false } };
  const next_page = writeCursor(position(last));
  return { rows: rows.slice(0, limit), pagination: { has_more: true, next_page } };
}

/** A row that was looked at: whether it is wanted, and whether no more may be looked at. */
export interface Met {
  passes: number;
  is_last: number;
}

/**
 * Cuts rows to a page, of which only some are wanted: where they do not fill it, the last one that was looked at tells
 * where the next page begins.
 */
export function pageOfMet<Row extends Met>(
  met: Row[],
  limit: number,
  position: (row: Row) => unknown,
): { rows: Row[]; pagination: Pagination } {
  const wanted = met.filter(({ passes }) => passes);
  const cut = page(wanted, limit, position);
  const last = cut.pagination.has_more ? undefined : met.find((row) => row.is_last);
  return last
    ? { rows: wanted, pagination: { has_more: true, next_page: writeCursor(position(last)) } }
    : cut;
}

/** Ends rows where they would come to more bytes than a page may have; what `withinBytes` does in SQL. */
export function endByBytes<Row extends Met>(
  met: Row[],
  bytesOf: (row: Row) => number,
  most = PAGE_BYTES,
): Row[] {
  let total = 0;
  const end = met.findIndex((row) => {
    total += row.passes ? bytesOf(row) : 0;
    return total > most;
  });
  const kept = end < 0 ? met : met.slice(0, Math.max(1, end));
  const last = kept.at(-1);
  if (last === undefined || kept.length === met.length) return met;
  return [...kept.slice(0, -1), { ...last, is_last: 1 }];
}

/** A position as the text that {@link cursor} reads. */
export function writeCursor(position: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(position));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
