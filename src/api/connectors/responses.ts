import * as z from "zod";
import { IsoTime } from "../../http/responses";
import { Tag } from "../tags/responses";
import { CONNECTOR_TYPES } from "./options";

export const SecretMeta = z
  .object({ is_set: z.boolean(), last_updated_at: IsoTime.nullable() })
  .meta({ id: "SecretMeta", description: "Of a secret only whether it is set, and since when." });
export type SecretMeta = z.output<typeof SecretMeta>;

const common = {
  type: z.enum(CONNECTOR_TYPES),
  passthrough: z
    .array(z.object({ protocol: z.string(), ip: z.string(), port: z.int() }))
    .describe("Traffic that bypasses the connector."),
  options: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .describe("Those of the type that are no secrets."),
  meta: z.record(z.string(), SecretMeta).describe("The secret options of the type, by name."),
};

export const ClassicConnector = z
  .object({ id: z.string(), ...common })
  .meta({ id: "ClassicConnector", description: "A connector of the classic API." });
export type ClassicConnector = z.output<typeof ClassicConnector>;

export const FleetConnector = z
  .object({ name: z.string(), ...common, tags: z.array(Tag) })
  .meta({ id: "FleetConnector", description: "A connector of the fleet API." });
export type FleetConnector = z.output<typeof FleetConnector>;

export const FleetConnectors = z.array(FleetConnector);
