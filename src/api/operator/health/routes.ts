import { Hono } from "hono";
import { operator, type Operated } from "../../../request/authenticate";
import { checkHealth } from "./check";

/** `/operator/health`. */
export const operatorHealth = new Hono<Operated>().get("/", operator(), async (c) => {
  const health = await checkHealth(c.env);
  return c.json(health, health.ok ? 200 : 503, { "cache-control": "no-store" });
});
