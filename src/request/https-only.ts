import { createMiddleware } from "hono/factory";
import { ApiError } from "../platform/errors";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Refuses what reached the Worker over http, development on a loopback host aside. */
export function httpsOnly() {
  return createMiddleware(async (c, next) => {
    if (!c.req.url.startsWith("https:") && !LOOPBACK.test(new URL(c.req.url).hostname))
      throw new ApiError("https_required");
    await next();
  });
}
