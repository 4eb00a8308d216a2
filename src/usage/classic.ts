import { Hono } from "hono";
import { key, type Keyed } from "../auth/middleware";
import { keptUsageSince } from "../time";
import { input } from "../http/validate";
import { readUsage } from "./queries";
import { UsageQuery } from "./schemas";

/** `/usage` of the classic API. */
export const classicUsage = new Hono<Keyed>().get(
  "/",
  key("usage:read"),
  input(UsageQuery),
  async (c) => {
    const { db, accountId, config } = c.var;
    const keptSince = keptUsageSince(config.USAGE_DAYS, Date.now());
    return c.json(await readUsage(db, accountId, c.req.valid("json"), keptSince));
  },
);
