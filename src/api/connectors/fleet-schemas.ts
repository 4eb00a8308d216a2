import * as z from "zod";
import { shownAs } from "../../platform/shown-as";
import { TagIds } from "../tags/schemas";
import type { ConnectorType } from "../../db/tables/types";
import { CONNECTOR_TYPES, FLEET_CHANGES, FLEET_OPTIONS, type Options } from "./options";
import { ConnectorId, Passthrough } from "./schemas";

export const NamedConnector = z.object({ name: ConnectorId });

/** What a client sends back of what it read, and cannot set. */
const READ_ONLY = { meta: z.unknown().optional() };

const name = ConnectorId;
const rest = { passthrough: Passthrough.default([]), tags: TagIds.default([]), ...READ_ONLY };

const kind = <T extends ConnectorType>(type: T) =>
  z.strictObject({ name, type: z.literal(type), options: FLEET_OPTIONS[type], ...rest });

const Connector = z.discriminatedUnion("type", [
  kind("https"),
  kind("tls"),
  z.strictObject({
    name,
    type: z.literal("microsoft_azure_iot"),
    options: FLEET_OPTIONS.microsoft_azure_iot.prefault({}),
    ...rest,
  }),
  kind("aws_iot_core"),
]);

/** A connector as the fleet API takes it. Its name is looked at before its type. */
export const FleetConnectorInput = shownAs(
  Connector,
  z
    .looseObject({ name })
    .pipe(Connector)
    .transform(({ name: id, type, options, passthrough, tags }) => {
      return { id, type, options, passthrough, tags };
    }),
);

/** Options to change, and the types that have such options: the row says which type it is. */
const OptionsPatch = shownAs(
  z.union(Object.values(FLEET_CHANGES)),
  z.unknown().transform((given, context) => {
    const types: ConnectorType[] = [];
    let values: Options = {};
    for (const type of CONNECTOR_TYPES) {
      const { success, data } = FLEET_CHANGES[type].safeParse(given);
      if (!success) continue;
      types.push(type);
      values = { ...values, ...data };
    }
    if (types.length === 0) context.addIssue("no type has such options");
    return { types, values };
  }),
);

/** What changes a connector: what is left out stays. */
export const ConnectorPatch = z
  .strictObject({
    type: z.enum(CONNECTOR_TYPES).optional(),
    options: OptionsPatch.optional(),
    passthrough: Passthrough.optional(),
    tags: TagIds.optional(),
    ...READ_ONLY,
  })
  .refine(({ type, options }) => !type || !options || options.types.includes(type), {
    path: ["options"],
  });
export type ConnectorPatch = z.output<typeof ConnectorPatch>;
