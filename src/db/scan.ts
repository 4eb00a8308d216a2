import { type SQL, sql } from "drizzle-orm";

/**
 * The next `most` of some rows, in their order, each with whether it is wanted and whether it is the last of them, for
 * `pageOfMet`. They come as they are met, so that a `LIMIT` on those that pass looks at no more than it takes to fill a page.
 * `rows` is a SELECT that ends with its ORDER BY; `passes` asks for them under the name `as`.
 */
export function lookThrough(rows: SQL, as: SQL, passes: SQL, most: SQL): SQL {
  return sql`
    SELECT *, ${passes} AS passes, row_number() OVER () = ${most} AS is_last FROM (${rows} LIMIT ${most}) AS ${as}`;
}

/** The two columns for a SELECT whose FROM is such a list. */
export const MET = {
  passes: sql<number>`passes`.as("passes"),
  is_last: sql<number>`is_last`.as("is_last"),
};

/** Which rows of a scan are wanted, by their columns under the scan's name, and how many are scanned at most. */
export interface ScanFilter {
  passes: SQL;
  most: number;
}

/**
 * `limit` of some rows for `pageOfMet`: all of them, or those that pass a filter and the last that was scanned for them.
 * `rows` is a SELECT that ends with its ORDER BY; a filter asks for them under the name `scanned`.
 */
export function scan(rows: SQL, limit: number, filter: ScanFilter | undefined): SQL {
  if (!filter) return sql`SELECT *, 1 AS passes, 0 AS is_last FROM (${rows} LIMIT ${limit})`;
  const scanned = lookThrough(rows, sql`scanned`, filter.passes, sql`${filter.most}`);
  return sql`SELECT * FROM (${scanned}) WHERE passes OR is_last LIMIT ${limit}`;
}
