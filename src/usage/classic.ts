import { Hono } from "hono";
import { key, type Keyed } from "../auth/middleware";
import { input } from "../http/validate";
import { readUsage } from "./queries";
import { UsageQuery } from "./schemas";

/** `/usage` of the classic API. */
export const classicUsage = new Hono<Keyed>().get("/", key(), input(UsageQuery), async (c) => {
  return c.json(await readUsage(c.var.db, c.var.accountId, c.req.valid("json")));
});
