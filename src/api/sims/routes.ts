import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import { countAs } from "../../request/rate-limit";
import type { Keyed } from "../../request/types";
import { pageInput, withSealedCursor } from "../../request/sealed-cursor";
import { input, inputList, path, query } from "../../http/validate";
import { BulkOptions, callsWorth, changeInBulk } from "./patch/bulk";
import { changeSim } from "./patch/apply";
import { Changes, SimPatch } from "./patch/input";
import { conditionIn, weak } from "./patch/etag";
import { findSims, FindQuery } from "./search";
import { SimRef } from "./iccid";
import { listSims, SimsQuery } from "./list/list";
import { readSim } from "./get";
import { addTag, removeTag } from "./tagging";

const Sim = z.object({ sim_id: SimRef });
const TagOnSim = Sim.extend({ tag_id: z.uuid().toLowerCase() });

/** `/sims` of the fleet API. */
export const fleetSims = new Hono<Keyed>()
  .get("/", key("sims:read"), pageInput(SimsQuery), async (c) => {
    const page = await listSims(c.var.db, c.var.access, c.req.valid("json"));
    return c.json(await withSealedCursor(c, page));
  })
  .get("/find", key("sims:read"), input(FindQuery, { aliases: ["query"] }), async (c) => {
    return c.json(await findSims(c.var.db, c.var.access, c.req.valid("json")));
  })
  .patch(
    "/bulk",
    key("sims:write"),
    query(BulkOptions),
    inputList(Changes, "changes_invalid"),
    async (c) => {
      const { db, access } = c.var;
      const changes = c.req.valid("json");
      countAs(c, callsWorth(changes));
      return c.json({ results: await changeInBulk(db, access, changes, c.req.valid("query")) });
    },
  )
  .get("/:sim_id", key("sims:read"), path(Sim), async (c) => {
    const { sim, etag } = await readSim(c.var.db, c.var.access, c.req.valid("param").sim_id);
    return c.json(sim, 200, { etag: weak(etag) });
  })
  .patch("/:sim_id", key("sims:write"), path(Sim), input(SimPatch), async (c) => {
    const { sim_id } = c.req.valid("param");
    const { db, access } = c.var;
    const condition = conditionIn(c.req.header("if-match"));
    const { sim, etag } = await changeSim(db, access, sim_id, c.req.valid("json"), condition);
    return c.json(sim, 200, { etag: weak(etag) });
  })
  .put("/:sim_id/tags/:tag_id", key("sims:write"), path(TagOnSim), async (c) => {
    const { sim_id, tag_id } = c.req.valid("param");
    const condition = conditionIn(c.req.header("if-match"));
    const etag = await addTag(c.var.db, c.var.access, sim_id, tag_id, condition);
    return c.json(OK, 200, { etag: weak(etag) });
  })
  .delete("/:sim_id/tags/:tag_id", key("sims:write"), path(TagOnSim), async (c) => {
    const { sim_id, tag_id } = c.req.valid("param");
    const condition = conditionIn(c.req.header("if-match"));
    const etag = await removeTag(c.var.db, c.var.access, sim_id, tag_id, condition);
    return c.json(OK, 200, { etag: weak(etag) });
  });
