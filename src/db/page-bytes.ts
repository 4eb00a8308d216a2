import { type SQL, sql } from "drizzle-orm";
import { PAGE_BYTES } from "../http/page-bytes";

/**
 * Ends a list by bytes, for `pageOfMet`: the first of `rows` (a SELECT with a column `bytes`, its ORDER BY and its LIMIT)
 * that come to no more than `most`, at least one. `is_last` is 1 on the last of them where others were left out. Select
 * only keys and `octet_length` in `rows`, and join what is large to the result: then nothing large is read in vain.
 */
export function withinBytes(rows: SQL, most = PAGE_BYTES): SQL {
  return sql`
    SELECT *, 1 AS passes, total + next_bytes > ${most} AS is_last FROM (
      SELECT *, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) AS total, lead(bytes, 1, 0) OVER () AS next_bytes FROM (${rows}))
    WHERE total <= ${most} OR total = bytes`;
}
