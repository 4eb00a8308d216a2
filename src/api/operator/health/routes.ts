import { Hono } from "hono";
import { operator } from "../../../request/callers";
import type { Operated } from "../../../request/types";
import { checkHealth } from "./check";

/** `/operator/health`. */
export const operatorHealth = new Hono<Operated>().get("/", operator(), async (c) => {
  const health = await checkHealth(c.env);
  return c.json(health, health.ok ? 200 : 503, { "cache-control": "no-store" });
});
