import type { Context } from "hono";
import { faultOf } from "../platform/d1-faults";
import { ApiError, type ErrorCode, ERRORS } from "../platform/errors";
import { logFailure } from "../platform/log";

/** Seconds a caller is asked to wait when the database cannot be asked for the moment. */
const RETRY_AFTER_OVERLOADED = "2";

export const DETAIL_HEADER = "x-error-detail";

/** Turns what a handler threw into `{"error":"code"}`. What is not an {@link ApiError} is logged, and answered without a detail. */
export function onError(error: Error, c: Context): Response {
  if (error instanceof ApiError) return answer(c, error.code, error.headers, error.detail);
  const request_id: string = c.get("requestId");
  logFailure("request failed", error, { request_id });
  const fault = faultOf(error);
  if (fault === "passing")
    return answer(c, "overloaded", { "retry-after": RETRY_AFTER_OVERLOADED });
  return answer(c, fault === "full" ? "storage_full" : "internal_error");
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
  const challenge = status === 401 ? { "www-authenticate": "Bearer" } : undefined;
  const all = { ...headers, ...challenge, link, [DETAIL_HEADER]: detail ?? sentence };
  return c.json({ error: code }, status, all);
}
