import type { Hono } from "hono";
import { methodNotAllowed as orNotAllowed } from "hono/method-not-allowed";
import { answer, DETAIL_HEADER } from "./on-error";
import type { Keyed } from "./types";

/** Answers `method_not_allowed` in place of `not_found` where the app has the path for other methods. */
export function methodNotAllowed(app: Hono<Keyed>) {
  return orNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      // The answer keeps the headers of the 404 that it replaces.
      for (const name of ["link", DETAIL_HEADER]) c.res.headers.delete(name);
      return answer(c, "method_not_allowed", { allow: methods.join(", ") });
    },
  });
}
