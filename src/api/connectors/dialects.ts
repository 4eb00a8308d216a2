import type { ClassicConnector, FleetConnector } from "./responses";
import type { Connector } from "./schemas";

/** A connector as the classic API answers it. */
export function inClassic({ id, type, options, passthrough, meta }: Connector): ClassicConnector {
  return { id, type, options, passthrough, meta };
}

/** A connector as the fleet API answers it. */
export function inFleet({ id, type, passthrough, tags, options, meta }: Connector): FleetConnector {
  const renamed = Object.entries(meta).map(([name, secret]) => [
    name === "connection_string" ? "connectionString" : name,
    secret,
  ]);
  return { name: id, type, passthrough, tags, options, meta: Object.fromEntries(renamed) };
}
