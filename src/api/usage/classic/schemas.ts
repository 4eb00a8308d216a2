import * as z from "zod";
import { cursor, Limit } from "../../../http/pagination";
import { SimId } from "../../../http/scalars";
import { TimeOrDate } from "../../../platform/time";

/** Where a page of records ended. */
export const Position = z.object({
  time: z.int().min(0),
  sim_id: z.string(),
  bill_id: z.string(),
  operation: z.string(),
  id: z.string(),
});
export type Position = z.output<typeof Position>;

/** A sum of bytes. */
export const Total = z.string().regex(/^[0-9]{1,30}$/);

/** Where the next page begins; the period's end and sums come along, so that they stay what the first page said. */
const NextPage = z.object({ after: Position, end: z.int(), upload: Total, download: Total });
export type NextPage = z.output<typeof NextPage>;

export const ClassicCursor = cursor(NextPage);

/** What `/usage` is asked for. */
export const UsageQuery = z.object({
  sim_id: SimId.optional(),
  time_begin: TimeOrDate.optional(),
  time_end: TimeOrDate.optional(),
  limit: Limit,
  next_page: ClassicCursor,
});
export type UsageQuery = z.output<typeof UsageQuery>;
