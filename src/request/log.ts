import type { Context } from "hono";
import { routePath } from "hono/route";
import { asFields } from "../db/measure";
import { isInSample } from "../platform/env";
import { log } from "../platform/log";
import { countRequest } from "../platform/metrics";
import type { Keyed, Step } from "./types";

/**
 * Writes a line for each request when it is answered, of what is our own: the route as the app declares it, never the
 * path, the query, a header or a body. What the Worker does after the answer is not in it.
 */
export const logRequests: Step<Keyed> = async (c, next) => {
  const started = Date.now();
  await next();
  const request = asked(c, Date.now() - started);
  countRequest(c.env.METRICS, request);
  if (request.status >= 500 || isInSample(c.env)) log("request", request);
};

function asked(c: Context<Keyed>, ms: number) {
  const keyRecord = c.get("keyRecord");
  const route = routePath(c);
  return {
    request_id: c.get("requestId"),
    method: c.req.method,
    /** null: there is none, or what came before all routes refused. */
    route: route === "/*" ? null : route,
    status: c.res.status,
    error: c.get("refusal"),
    ms,
    account_id: keyRecord?.accountId,
    key_id: keyRecord?.keyId,
    ...asFields(c.get("spent")),
  };
}
