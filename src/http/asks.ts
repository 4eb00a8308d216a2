import type * as z from "zod";
import type { ErrorCode } from "../platform/errors";

/** What a middleware asks of a request. */
export type Asks =
  | { caller: "account"; scope: string | null }
  | { caller: "operator" }
  | { path: z.ZodType }
  | { query: z.ZodType }
  /** `aliases`: names that some clients have for one of its fields. */
  | { input: z.ZodType; bodyOptional: boolean; aliases: readonly string[] }
  | { list: z.ZodType; code: ErrorCode };

const noted = new WeakMap<object, Asks>();

/** Notes what a middleware asks for, so that the API's document is read from the routes themselves. */
export function asking<Handler extends object>(asks: Asks, handler: Handler): Handler {
  noted.set(handler, asks);
  return handler;
}

export function asksOf(handler: object): Asks | undefined {
  return noted.get(handler);
}
