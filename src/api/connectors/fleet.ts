import { Hono } from "hono";
import { OK } from "../../platform/ok";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import { answerArray, arrayPage } from "../../http/link-next";
import { input, path } from "../../http/validate";
import { inFleet } from "./dialects";
import { ConnectorPatch, FleetConnectorInput, NamedConnector } from "./fleet-schemas";
import { ConnectorPosition, findConnector, listConnectors } from "./read";
import { changeConnector, createConnector, deleteConnector } from "./write";

/** `/connectors` of the fleet API. */
export const fleetConnectors = new Hono<Keyed>()
  .get("/", key("connectors:read"), input(arrayPage(ConnectorPosition)), async (c) => {
    const page = await listConnectors(c.var.db, c.var.access, c.req.valid("json"));
    return answerArray(c, page.connectors.map(inFleet), page.pagination);
  })
  .post("/", key("connectors:write"), input(FleetConnectorInput), async (c) => {
    const { db, access, config } = c.var;
    const connector = c.req.valid("json");
    const { encryptionKeys } = config;
    return c.json(
      inFleet(await createConnector(db, access, connector, encryptionKeys, "name_conflict")),
    );
  })
  .get("/:name", key("connectors:read"), path(NamedConnector), async (c) => {
    const { name } = c.req.valid("param");
    return c.json(inFleet(await findConnector(c.var.db, c.var.access, name)));
  })
  .patch(
    "/:name",
    key("connectors:write"),
    path(NamedConnector),
    input(ConnectorPatch),
    async (c) => {
      const { db, access, config } = c.var;
      const { name } = c.req.valid("param");
      const patch = c.req.valid("json");
      return c.json(inFleet(await changeConnector(db, access, name, patch, config.encryptionKeys)));
    },
  )
  .delete("/:name", key("connectors:write"), path(NamedConnector), async (c) => {
    await deleteConnector(c.var.db, c.var.access, c.req.valid("param").name);
    return c.json(OK);
  });
