import { headersOf } from "../access/rate-limit";
import type { Keyed, Step } from "./types";

/** A year. */
const HSTS = "max-age=31536000";

/**
 * What every answer says: which request it answers, what the key may still do, that nobody keeps it unless it says otherwise
 * (an account's usage would lie in a browser's cache), that it is what its type says, that `https` stays `https`, and that
 * CORS headers are there for pages only. Set on the finished answer, since Hono copies headers that are set before it.
 * Not by `hono/secure-headers`: it knows two of these, and sends HSTS over http.
 */
export const responseHeaders: Step<Keyed> = async (c, next) => {
  await next();
  const { headers } = c.res;
  headers.set("x-request-id", c.get("requestId"));
  const allowance = c.get("allowance");
  if (allowance) for (const [name, value] of headersOf(allowance)) headers.set(name, value);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  if (c.req.url.startsWith("https:")) headers.set("strict-transport-security", HSTS);
  headers.append("vary", "Origin");
};
