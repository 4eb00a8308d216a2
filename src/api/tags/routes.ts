import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { Limit, Offset } from "../../http/pagination";
import { input, path } from "../../http/validate";
import { changeTag, createTag, deleteTag, listTags } from "./queries";
import { TagInput, TagKey, TagPatch } from "./schemas";

const Listing = z.object({ limit: Limit, offset: Offset });

/** `/tags` of the fleet API. */
export const tagRoutes = new Hono<Keyed>()
  .get("/search/tags", key("sims:read"), input(Listing), async (c) => {
    return c.json(await listTags(c.var.db, c.var.access, c.req.valid("json")));
  })
  .post("/", key("sims:write"), input(TagInput), async (c) => {
    return c.json(await createTag(c.var.db, c.var.access, c.req.valid("json")));
  })
  .patch("/:id", key("sims:write"), path(TagKey), input(TagPatch), async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await changeTag(c.var.db, c.var.access, id, c.req.valid("json")));
  })
  .delete("/:id", key("sims:write"), path(TagKey), async (c) => {
    await deleteTag(c.var.db, c.var.access, c.req.valid("param").id);
    return c.json(OK);
  });
