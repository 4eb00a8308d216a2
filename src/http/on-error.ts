import type { Context } from "hono";
import { ApiError, type ErrorCode, ERRORS } from "../errors";
import { logFailure } from "../log";

/** Seconds a caller is asked to wait when the database is overloaded. */
const RETRY_AFTER_OVERLOADED = "2";

export const DETAIL_HEADER = "x-error-detail";

/** Turns what a handler threw into `{"error":"code"}`. What is not an {@link ApiError} is logged, and answered without a detail. */
export function onError(error: Error, c: Context): Response {
  if (error instanceof ApiError) return answer(c, error.code, error.headers, error.detail);
  const request_id: string = c.get("requestId");
  logFailure("request failed", error, { request_id });
  if (isOverloaded(error))
    return answer(c, "overloaded", { "retry-after": RETRY_AFTER_OVERLOADED });
  return answer(c, "internal_error");
}

/** The body and the status of an error code, with the link to its explanation and what `detail` says more exactly. */
export function answer(
  c: Context,
  code: ErrorCode,
  headers: Record<string, string> = {},
  detail?: string,
) {
  const [status, sentence] = ERRORS[code];
  // For the log.
  c.set("refusal", code);
  const link = `<${new URL(`/docs#${code}`, c.req.url).href}>; rel="help"`;
  const all = { ...headers, link, [DETAIL_HEADER]: detail ?? sentence };
  return c.json({ error: code }, status, all);
}

/** D1 gives its errors no class and no code, so this alone is told by the text (as its documentation lists it). */
function isOverloaded(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (/D1 DB is overloaded|Too many requests queued/i.test(cause.message)) return true;
  return false;
}
