import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../answers";
import { key, type Keyed } from "../auth/middleware";
import { input, inputList, path } from "../http/validate";
import { changeSim, changeSims } from "./change";
import { Changes, readChanges, SimPatch } from "./changes";
import { findSims, FindQuery } from "./find";
import { SimRef } from "./iccid";
import { listSims, SimsQuery } from "./list";
import { readSim } from "./read";
import { addTag, removeTag } from "./tagging";

const Sim = z.object({ sim_id: SimRef });
const TagOnSim = Sim.extend({ tag_id: z.uuid().toLowerCase() });

/** `/sims` of the fleet API. */
export const fleetSims = new Hono<Keyed>()
  .get("/", key("sims:read"), input(SimsQuery), async (c) => {
    return c.json(await listSims(c.var.db, c.var.accountId, c.req.valid("json")));
  })
  .get("/find", key("sims:read"), input(FindQuery), async (c) => {
    return c.json(await findSims(c.var.db, c.var.accountId, c.req.valid("json")));
  })
  .patch("/bulk", key("sims:write"), inputList(Changes, "changes_invalid"), async (c) => {
    const { changes, refused } = readChanges(c.req.valid("json"));
    const changed = await changeSims(c.var.db, c.var.accountId, changes);
    const results = [...changed, ...refused].toSorted((a, b) => a.index - b.index);
    return c.json({ results });
  })
  .get("/:sim_id", key("sims:read"), path(Sim), async (c) => {
    return c.json(await readSim(c.var.db, c.var.accountId, c.req.valid("param").sim_id));
  })
  .patch("/:sim_id", key("sims:write"), path(Sim), input(SimPatch), async (c) => {
    const { sim_id } = c.req.valid("param");
    return c.json(await changeSim(c.var.db, c.var.accountId, sim_id, c.req.valid("json")));
  })
  .put("/:sim_id/tags/:tag_id", key("sims:write"), path(TagOnSim), async (c) => {
    const { sim_id, tag_id } = c.req.valid("param");
    await addTag(c.var.db, c.var.accountId, sim_id, tag_id);
    return c.json(OK);
  })
  .delete("/:sim_id/tags/:tag_id", key("sims:write"), path(TagOnSim), async (c) => {
    const { sim_id, tag_id } = c.req.valid("param");
    await removeTag(c.var.db, c.var.accountId, sim_id, tag_id);
    return c.json(OK);
  });
