import * as z from "zod";
import { plainText } from "../text";

/** Chosen by the caller, unique within the account. */
export const ConnectorId = z.string().regex(/^[-_a-zA-Z0-9]{3,255}$/);

export const ConnectorKey = z.object({ id: ConnectorId });

const Port = z.int().min(1).max(65_535);
/** Without a name and a password: those are secrets, and a URL is read back. */
const HttpsUrl = z
  .url({ protocol: /^https$/ })
  .max(2048)
  .regex(/^[^/?#]*\/\/[^/?#@\\]*([/?#]|$)/);
const Host = z.union([z.hostname(), z.ipv4(), z.ipv6()]);

/** A secret option: write only; null takes it away. */
const Secret = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[^\0]*$/)
  .nullable()
  .optional();

/** What each type of connector is told; the secrets are named in {@link SECRETS}. */
const OPTIONS = {
  https: z.strictObject({ url: HttpsUrl, authorization: Secret }),
  tls: z.strictObject({
    host: Host,
    port: Port,
    server_name: z.hostname().optional(),
    ca: Secret,
    cert: Secret,
    key: Secret,
  }),
  microsoft_azure_iot: z.strictObject({ connection_string: Secret }),
  aws_iot_core: z.strictObject({
    endpoint: Host,
    topic: plainText(256),
    cert: Secret,
    key: Secret,
  }),
};

/** The secret options of each type. */
export const SECRETS = {
  https: ["authorization"],
  tls: ["ca", "cert", "key"],
  microsoft_azure_iot: ["connection_string"],
  aws_iot_core: ["cert", "key"],
} as const satisfies Record<keyof typeof OPTIONS, readonly string[]>;
export type ConnectorType = keyof typeof SECRETS;

/** Traffic that bypasses the connector. */
const Passthrough = z
  .array(
    z.object({ protocol: z.enum(["tcp", "udp"]), ip: z.union([z.ipv4(), z.ipv6()]), port: Port }),
  )
  .max(100)
  .default([]);

const kind = <T extends ConnectorType>(type: T) =>
  z.object({ type: z.literal(type), options: OPTIONS[type], passthrough: Passthrough });

/** A connector as the API takes it. */
export const ConnectorInput = ConnectorKey.and(
  z.discriminatedUnion("type", [
    kind("https"),
    kind("tls"),
    z.object({
      type: z.literal("microsoft_azure_iot"),
      options: OPTIONS.microsoft_azure_iot.default({}),
      passthrough: Passthrough,
    }),
    kind("aws_iot_core"),
  ]),
);
export type ConnectorInput = z.output<typeof ConnectorInput>;

/** A connector as the API answers it: of a secret only that it is set, and when. */
export interface Connector {
  id: string;
  type: string;
  options: Record<string, string | number>;
  passthrough: { protocol: string; ip: string; port: number }[];
  meta: Record<string, { is_set: boolean; last_updated_at: string | null }>;
}
