import * as z from "zod";
import { ERRORS } from "../platform/errors";

/** The answer of a call that has nothing to say. */
export const Done = z.object({ message: z.literal("OK") }).meta({ id: "Done" });

/** Times as the fleet API and all that is ours answer them. */
export const IsoTime = z.iso.datetime().meta({ description: "ISO 8601, UTC, in milliseconds." });

export const ClassicTime = z
  .string()
  .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$/)
  .meta({ description: "`YYYY-MM-DD HH:MM:SS`, UTC." });

/** Bytes as text, since they may be more than a number holds. */
export const ByteText = z.string().regex(/^[0-9]{1,30}$/);

export const Pagination = z
  .object({
    has_more: z.boolean(),
    next_page: z
      .string()
      .optional()
      .describe("The cursor of the next page; absent on the last one."),
  })
  .meta({ id: "Pagination" });
export type Pagination = z.output<typeof Pagination>;

/** Every code; the document says of each what it means. */
export const ErrorCode = z.literal(codes()).meta({ id: "ErrorCode" });

function codes() {
  // The type of an object's keys is wider than what this one has.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.keys(ERRORS) as (keyof typeof ERRORS)[];
}

/** What `x-error-detail` says, where a list of results has codes. */
export const Detail = z
  .string()
  .max(200)
  .describe("In plain words: which field is wrong, what was expected, what came.");

/** Why one of many things that were sent together was not taken. */
export const Rejection = z
  .object({
    index: z.int().min(0).describe("Which one of those that were sent, from 0."),
    error: ErrorCode,
    detail: Detail.optional(),
  })
  .meta({ id: "Rejection" });
