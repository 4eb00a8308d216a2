import type { MiddlewareHandler } from "hono";

/** A year. */
const HSTS = "max-age=31536000";

/**
 * What every answer says: nobody keeps it unless it says otherwise (an account's usage would lie in a browser's cache), it is
 * what its type says, `https` stays `https`, and CORS headers are there for pages only.
 * Not by `hono/secure-headers`: it knows two of these four, and sends HSTS over http.
 */
export const fixedHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  if (c.req.url.startsWith("https:")) headers.set("strict-transport-security", HSTS);
  headers.append("vary", "Origin");
};
