import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { answerArray, arrayPage } from "../../http/link-next";
import { input, path } from "../../http/validate";
import {
  changeNetworkList,
  createNetworkList,
  deleteNetworkList,
  findNetworkList,
  listNetworkLists,
} from "./queries";
import { NetworkListInput, NetworkListKey, NetworkListPatch } from "./schemas";

/** `/network-whitelists` of the fleet API. */
export const networkListRoutes = new Hono<Keyed>()
  .get("/", key("sims:read"), input(arrayPage(z.string())), async (c) => {
    const page = await listNetworkLists(c.var.db, c.var.access, c.req.valid("json"));
    return answerArray(c, page.lists, page.pagination);
  })
  .post("/", key("sims:write"), input(NetworkListInput), async (c) => {
    return c.json(await createNetworkList(c.var.db, c.var.access, c.req.valid("json")));
  })
  .get("/:name", key("sims:read"), path(NetworkListKey), async (c) => {
    return c.json(await findNetworkList(c.var.db, c.var.access, c.req.valid("param").name));
  })
  .patch("/:name", key("sims:write"), path(NetworkListKey), input(NetworkListPatch), async (c) => {
    const { name } = c.req.valid("param");
    const patch = c.req.valid("json");
    return c.json(await changeNetworkList(c.var.db, c.var.access, name, patch));
  })
  .delete("/:name", key("sims:write"), path(NetworkListKey), async (c) => {
    await deleteNetworkList(c.var.db, c.var.access, c.req.valid("param").name);
    return c.json(OK);
  });
