import { Hono } from "hono";
import * as z from "zod";
import { OK } from "../../../platform/ok";
import { cacheNewKey, forgetKey, refreshKey } from "../../../access/find-key";
import { operator } from "../../../request/callers";
import type { Operated } from "../../../request/types";
import { cursor, Limit } from "../../../http/pagination";
import { input, path } from "../../../http/validate";
import { limitsOf } from "../../keys/new-key";
import { keyRecordOfNew } from "../../keys/rows";
import { KeyRef, OperatorKeyInput } from "../../keys/schemas";
import {
  changeAccount,
  createAccount,
  createKey,
  listAccounts,
  listKeys,
  revokeKey,
} from "./queries";
import { AccountPatch, AccountRef, Named } from "./schemas";

const Listing = z.object({ limit: Limit, next_page: cursor(z.tuple([z.int(), z.string()])) });

/** `/operator/accounts` and `/operator/keys`. */
export const operatorAccounts = new Hono<Operated>()
  .post("/accounts", operator(), input(Named), async (c) => {
    const account = await createAccount(c.var.db, c.req.valid("json").name);
    return c.json(account, 201, { location: `/operator/accounts/${account.id}` });
  })
  .get("/accounts", operator(), input(Listing), async (c) => {
    const { limit, next_page } = c.req.valid("json");
    return c.json(await listAccounts(c.var.db, { limit, after: next_page }));
  })
  .patch("/accounts/:id", operator(), path(AccountRef), input(AccountPatch), async (c) => {
    const { id } = c.req.valid("param");
    const { account, keys } = await changeAccount(c.var.db, id, c.req.valid("json"));
    await Promise.all(keys.map((one) => refreshKey(c.env.API_KEYS, one.hash, one.id)));
    return c.json(account);
  })
  .post("/accounts/:id/keys", operator(), path(AccountRef), input(OperatorKeyInput), async (c) => {
    const { id } = c.req.valid("param");
    const { name, ...limits } = c.req.valid("json");
    const { made, rateLimit } = await createKey(c.var.db, id, name, limitsOf(limits));
    const keyRecord = keyRecordOfNew(made, { accountId: id, rateLimit });
    c.executionCtx.waitUntil(cacheNewKey(c.env, made.key, keyRecord));
    return c.json(made, 201, { location: `/operator/keys/${made.id}` });
  })
  .get("/accounts/:id/keys", operator(), path(AccountRef), input(Listing), async (c) => {
    const { limit, next_page } = c.req.valid("json");
    const { id } = c.req.valid("param");
    return c.json(await listKeys(c.var.db, id, { limit, after: next_page }));
  })
  .delete("/keys/:id", operator(), path(KeyRef), async (c) => {
    const { id } = c.req.valid("param");
    const hash = await revokeKey(c.var.db, id);
    await forgetKey(c.env.API_KEYS, hash, id);
    return c.json(OK);
  });
