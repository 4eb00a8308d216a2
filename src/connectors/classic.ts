import { Hono } from "hono";
import { OK } from "../answers";
import { key, type Keyed } from "../auth/middleware";
import { input } from "../http/validate";
import { createConnector, deleteConnector, findConnector, replaceConnector } from "./queries";
import { ConnectorInput, ConnectorKey } from "./schemas";

/** `/connector` of the classic API. */
export const classicConnectors = new Hono<Keyed>()
  .get("/", key(), input(ConnectorKey), async (c) => {
    return c.json(await findConnector(c.var.db, c.var.accountId, c.req.valid("json").id));
  })
  .post("/", key(), input(ConnectorInput), async (c) => {
    const { db, accountId, config } = c.var;
    await createConnector(db, accountId, c.req.valid("json"), config.ENCRYPTION_KEY);
    return c.json(OK);
  })
  .put("/", key(), input(ConnectorInput), async (c) => {
    const { db, accountId, config } = c.var;
    await replaceConnector(db, accountId, c.req.valid("json"), config.ENCRYPTION_KEY);
    return c.json(OK);
  })
  .delete("/", key(), input(ConnectorKey), async (c) => {
    await deleteConnector(c.var.db, c.var.accountId, c.req.valid("json").id);
    return c.json(OK);
  });
