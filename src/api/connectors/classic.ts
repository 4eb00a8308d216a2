import { Hono } from "hono";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { strictCase } from "../../http/strict-case";
import { input } from "../../http/validate";
import { inClassic } from "./dialects";
import { findConnector } from "./read";
import { ConnectorInput, ConnectorKey } from "./schemas";
import { createConnector, deleteConnector, replaceConnector } from "./write";

const ClassicBody = strictCase(ConnectorInput, ["id", "type", "options", "passthrough"]);

/** `/connector` of the classic API. */
export const classicConnectors = new Hono<Keyed>()
  .get("/", key("connectors:read"), input(ConnectorKey, { ignoresOthers: true }), async (c) => {
    const { id } = c.req.valid("json");
    return c.json(inClassic(await findConnector(c.var.db, c.var.access, id)));
  })
  .post("/", key("connectors:write"), input(ClassicBody), async (c) => {
    const { db, access, config } = c.var;
    const connector = c.req.valid("json");
    await createConnector(db, access, connector, config.encryptionKeys, "id_conflict");
    return c.json(OK);
  })
  .put("/", key("connectors:write"), input(ClassicBody), async (c) => {
    const { db, access, config } = c.var;
    await replaceConnector(db, access, c.req.valid("json"), config.encryptionKeys);
    return c.json(OK);
  })
  .delete("/", key("connectors:write"), input(ConnectorKey, { ignoresOthers: true }), async (c) => {
    await deleteConnector(c.var.db, c.var.access, c.req.valid("json").id);
    return c.json(OK);
  });
