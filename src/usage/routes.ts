import { Hono } from "hono";
import * as z from "zod";
import { key, type Keyed } from "../auth/middleware";
import { input, path } from "../http/validate";
import { SimRef } from "../sims/iccid";
import { TagKey } from "../tags/schemas";
import { keptUsageSince } from "../time";
import { readFleetUsage } from "./fleet-queries";
import { EitherQuery, SimUsageQuery, TagUsageQuery } from "./fleet-schemas";
import { readUsage } from "./queries";
import { readTagTotal } from "./tag-total";

const SimPath = z.object({ sim_id: SimRef });

/** `/usage` of both APIs. */
export const usageRoutes = new Hono<Keyed>()
  .get("/", key(), input(EitherQuery), async (c) => {
    const { db, accountId, config } = c.var;
    const asked = c.req.valid("json");
    const keptSince = keptUsageSince(config.USAGE_DAYS, Date.now());
    if ("classic" in asked) return c.json(await readUsage(db, accountId, asked.classic, keptSince));
    return c.json(await readFleetUsage(db, accountId, asked.fleet, keptSince));
  })
  .get("/:sim_id", key(), path(SimPath), input(SimUsageQuery), async (c) => {
    const { db, accountId, config } = c.var;
    const asked = { ...c.req.valid("json"), path: c.req.valid("param").sim_id };
    const keptSince = keptUsageSince(config.USAGE_DAYS, Date.now());
    return c.json(await readFleetUsage(db, accountId, asked, keptSince));
  })
  .get("/tag-total/:id", key(), path(TagKey), input(TagUsageQuery), async (c) => {
    const { db, accountId } = c.var;
    const { id } = c.req.valid("param");
    return c.json(await readTagTotal(db, accountId, id.toLowerCase(), c.req.valid("json")));
  });
