import { createMiddleware } from "hono/factory";

/** Sends a browser without a key to the documentation: who opens the deployment's address sees a page, not an error in JSON. */
export const toDocs = createMiddleware(async (c, next) => {
  const isBrowser = /\btext\/html\b/.test(c.req.header("accept") ?? "");
  if (!isBrowser || c.req.header("authorization") !== undefined) return next();
  return c.body(null, 302, { location: "/docs", vary: "accept, authorization" });
});
