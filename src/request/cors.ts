import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

const DAY_S = 86_400;

const answering = cors({
  origin: "*",
  allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "authorization",
    "content-encoding",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-d1-bookmark",
  ],
  exposeHeaders: [
    "etag",
    "idempotency-replayed",
    "link",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-d1-bookmark",
    "x-error-detail",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "www-authenticate",
    "x-request-id",
  ],
  maxAge: DAY_S,
});

/** Lets pages of any site call with an account's key. Nothing is sent along by itself, so that no site acts for another. */
export const corsForPages: MiddlewareHandler = (c, next) => {
  // Programs need none of these headers; and only a browser's question is not a call, so that others get their 405.
  if (c.req.header("origin") === undefined) return next();
  const isOperators = /^\/operator(\/|$)/.test(c.req.path);
  const asks = c.req.header("access-control-request-method") !== undefined;
  if (isOperators || (c.req.method === "OPTIONS" && !asks)) return next();
  return answering(c, next);
};
