import type { Spent } from "../platform/spent";

/** Rows that a call may write and read for the price of one: POST /sim writes 16, a page of 1,000 records reads 4,000. */
const ROWS_WRITTEN_A_CALL = 200;
const ROWS_READ_A_CALL = 10_000;

/** How many calls the work of one is worth, by the rows that D1 says it wrote and read. */
export function costInCalls({ rowsWritten, rowsRead }: Spent): number {
  return Math.max(1, Math.ceil(rowsWritten / ROWS_WRITTEN_A_CALL + rowsRead / ROWS_READ_A_CALL));
}
