import { Hono } from "hono";
import * as z from "zod";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { pageInput, withSealedCursor } from "../../request/sealed-cursor";
import { input, path } from "../../http/validate";
import { SimRef } from "../sims/iccid";
import { keptUsageSince } from "../../platform/time";
import { readFleetUsage } from "./list";
import { EitherQuery, SimUsageQuery, TagUsageQuery } from "./schemas";
import { readUsage } from "./classic/list";
import { readTagTotal } from "./tag-total";

const SimPath = z.object({ sim_id: SimRef });
const TagPath = z.object({ tag_id: z.uuid().toLowerCase() });

/** `/usage` of both APIs. */
export const usageRoutes = new Hono<Keyed>()
  .get("/", key("usage:read"), pageInput(EitherQuery), async (c) => {
    const { db, access, config } = c.var;
    const asked = c.req.valid("json");
    if ("fleet" in asked)
      return c.json(await withSealedCursor(c, await readFleetUsage(db, access, asked.fleet)));
    const keptSince = keptUsageSince(config.USAGE_DAYS, Date.now());
    return c.json(await withSealedCursor(c, await readUsage(db, access, asked.classic, keptSince)));
  })
  .get("/:sim_id", key("usage:read"), path(SimPath), pageInput(SimUsageQuery), async (c) => {
    const asked = { ...c.req.valid("json"), path: c.req.valid("param").sim_id };
    return c.json(await withSealedCursor(c, await readFleetUsage(c.var.db, c.var.access, asked)));
  })
  .get("/tag-total/:tag_id", key("usage:read"), path(TagPath), input(TagUsageQuery), async (c) => {
    const { tag_id } = c.req.valid("param");
    return c.json(await readTagTotal(c.var.db, c.var.access, tag_id, c.req.valid("json")));
  });
