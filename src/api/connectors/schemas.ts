import * as z from "zod";
import type { ConnectorType } from "../../db/tables/types";
import { OPTIONS, type Options, Port } from "./options";
import type { Tag } from "../tags/responses";

/** Chosen by the caller, unique within the account. */
export const ConnectorId = z
  .string("3 to 255 letters, digits, - and _")
  .regex(/^[-_a-zA-Z0-9]{3,255}$/);

export const ConnectorKey = z.object({ id: ConnectorId });

/** Traffic that bypasses the connector. */
export const Passthrough = z
  .array(
    z.object({ protocol: z.enum(["tcp", "udp"]), ip: z.union([z.ipv4(), z.ipv6()]), port: Port }),
  )
  .max(100);
export type Passthrough = z.output<typeof Passthrough>;

const passthrough = Passthrough.default([]);

const kind = <T extends ConnectorType>(type: T) =>
  z.object({ type: z.literal(type), options: OPTIONS[type], passthrough });

/** A connector as the classic API takes it. */
export const ConnectorInput = ConnectorKey.and(
  z.discriminatedUnion("type", [
    kind("https"),
    kind("tls"),
    z.object({
      type: z.literal("microsoft_azure_iot"),
      options: OPTIONS.microsoft_azure_iot.default({}),
      passthrough,
    }),
    kind("aws_iot_core"),
  ]),
);

/** What makes or replaces a connector, in either dialect. */
export interface NewConnector {
  id: string;
  type: ConnectorType;
  options: Options;
  passthrough: Passthrough;
  tags?: string[];
}

/** A connector: of a secret only that it is set, and when. */
export interface Connector {
  id: string;
  type: ConnectorType;
  options: Record<string, string | number>;
  passthrough: { protocol: string; ip: string; port: number }[];
  tags: Tag[];
  meta: Record<string, { is_set: boolean; last_updated_at: string | null }>;
}
