import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../answers";
import { forgetKey } from "../auth/key-lookup";
import { operator, type Operated } from "../auth/middleware";
import { cursor, Limit } from "../http/pagination";
import { input, path } from "../http/validate";
import { createAccount, createKey, listAccounts, listKeys, revokeKey } from "./queries";
import { Key, Named } from "./schemas";

const Listing = z.object({ limit: Limit, next_page: cursor(z.tuple([z.int(), z.string()])) });

/** `/operator/accounts` and `/operator/keys`. */
export const operatorAccounts = new Hono<Operated>()
  .post("/accounts", operator(), input(Named), async (c) => {
    return c.json(await createAccount(c.var.db, c.req.valid("json").name), 201);
  })
  .get("/accounts", operator(), input(Listing), async (c) => {
    const { limit, next_page } = c.req.valid("json");
    return c.json(await listAccounts(c.var.db, { limit, after: next_page }));
  })
  .post("/accounts/:id/keys", operator(), path(Key), input(Named), async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await createKey(c.var.db, id, c.req.valid("json").name), 201);
  })
  .get("/accounts/:id/keys", operator(), path(Key), async (c) => {
    return c.json({ keys: await listKeys(c.var.db, c.req.valid("param").id) });
  })
  .delete("/keys/:id", operator(), path(Key), async (c) => {
    const { id } = c.req.valid("param");
    const hash = await revokeKey(c.var.db, id);
    await forgetKey(c.env.API_KEYS, hash, id);
    return c.json(OK);
  });
