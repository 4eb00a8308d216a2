import { Hono } from "hono";
import { OK } from "../../../platform/ok";
import { key } from "../../../request/callers";
import type { Keyed } from "../../../request/types";
import { strictCase } from "../../../http/strict-case";
import { input } from "../../../http/validate";
import { conditionIn, isKnown } from "../patch/etag";
import { createSim, deleteSim, findSim, replaceSim } from "./queries";
import { SimInput, SimKey } from "../schemas";

const ClassicBody = strictCase(SimInput, Object.keys(SimInput.shape));

/** `/sim` of the classic API. */
export const classicSims = new Hono<Keyed>()
  .get("/", key("sims:read"), input(SimKey, { ignoresOthers: true }), async (c) => {
    const { db, access } = c.var;
    const { sim, etag } = await findSim(db, access, c.req.valid("json").id);
    if (isKnown(c.req.header("if-none-match"), etag)) return c.body(null, 304, { etag });
    return c.json(sim, 200, { etag });
  })
  .post("/", key("sims:write"), input(ClassicBody), async (c) => {
    const { db, access, config } = c.var;
    const { SIM_REGISTRATION, SIMS_PER_ACCOUNT } = config;
    await createSim(db, access, c.req.valid("json"), SIM_REGISTRATION, SIMS_PER_ACCOUNT);
    return c.json(OK);
  })
  .put("/", key("sims:write"), input(ClassicBody), async (c) => {
    const condition = conditionIn(c.req.header("if-match"));
    const etag = await replaceSim(c.var.db, c.var.access, c.req.valid("json"), condition);
    return c.json(OK, 200, { etag });
  })
  .delete("/", key("sims:write"), input(SimKey, { ignoresOthers: true }), async (c) => {
    const condition = conditionIn(c.req.header("if-match"));
    await deleteSim(c.var.db, c.var.access, c.req.valid("json").id, condition);
    return c.json(OK);
  });
