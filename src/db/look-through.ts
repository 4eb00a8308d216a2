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
