import { Hono } from "hono";
import { OK } from "../../platform/ok";
import { cacheNewKey, forgetKey, refreshKey } from "../../access/find-key";
import { addressOf } from "../../request/allowed-address";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { input, path } from "../../http/validate";
import { logFailure } from "../../platform/log";
import { changeKey, createKey, deleteKey, listKeys, rotateKey } from "./queries";
import { asApiKey, keyRecordOfNew } from "./rows";
import { KeyInput, KeyPatch, KeyRef, Rotation } from "./schemas";

/** Where KV holds the old key as it was, it lives on for an hour at most. */
function logRefusal(error: unknown): void {
  logFailure("caches not told of a key's end", error);
}

/** `/keys`: an account's own keys. */
export const keyRoutes = new Hono<Keyed>()
  .get("/", key("keys:write"), async (c) => c.json(await listKeys(c.var.db, c.var.access)))
  .post("/", key("keys:write"), input(KeyInput), async (c) => {
    const made = await createKey(c.var.db, c.var.keyRecord, c.req.valid("json"));
    c.executionCtx.waitUntil(cacheNewKey(c.env, made.key, keyRecordOfNew(made, c.var.keyRecord)));
    return c.json(made);
  })
  .patch("/:id", key("keys:write"), path(KeyRef), input(KeyPatch), async (c) => {
    const { id } = c.req.valid("param");
    const { db, keyRecord } = c.var;
    const changed = await changeKey(db, keyRecord, id, c.req.valid("json"), addressOf(c.req));
    await refreshKey(c.env.API_KEYS, changed.hash, id);
    return c.json(asApiKey(changed));
  })
  // A leaked key may have used up the account's limit: that must not hold up its end.
  .delete("/:id", key("keys:write", { pastAccountLimit: true }), path(KeyRef), async (c) => {
    const { id } = c.req.valid("param");
    const { hash } = await deleteKey(c.var.db, c.var.keyRecord, id);
    await forgetKey(c.env.API_KEYS, hash, id);
    return c.json(OK);
  })
  .post(
    "/:id/rotate",
    key("keys:write"),
    path(KeyRef),
    input(Rotation, { bodyOptional: true }),
    async (c) => {
      const { id } = c.req.valid("param");
      const overlapMs = c.req.valid("json").overlap_seconds * 1000;
      const { made, old } = await rotateKey(c.var.db, c.var.keyRecord, id, overlapMs);
      // The answer is the only one to show the new key: it is given whatever becomes of the old one.
      await refreshKey(c.env.API_KEYS, old.hash, id).catch(logRefusal);
      const keyRecord = keyRecordOfNew(made, c.var.keyRecord, old);
      c.executionCtx.waitUntil(cacheNewKey(c.env, made.key, keyRecord));
      return c.json({ ...made, previous: asApiKey(old) });
    },
  );
