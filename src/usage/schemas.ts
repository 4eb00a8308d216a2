import * as z from "zod";
import { cursor, Limit } from "../http/pagination";
import { SimId } from "../sims/schemas";
import { Time } from "../time";

/** Where a page of records ended. */
const Position = z.object({
  time: z.int().min(0),
  sim_id: z.string(),
  bill_id: z.string(),
  operation: z.string(),
  id: z.string(),
});
export type Position = z.output<typeof Position>;

/** What `/usage` is asked for. */
export const UsageQuery = z.object({
  sim_id: SimId.optional(),
  time_begin: Time.optional(),
  time_end: Time.optional(),
  limit: Limit,
  next_page: cursor(Position),
});
export type UsageQuery = z.output<typeof UsageQuery>;
