import * as z from "zod";
import { shownAs } from "../../platform/shown-as";
import { LIMITS } from "../../platform/limits";
import type { ConnectorType } from "../../db/tables/types";
import { bytesOf, plainText } from "../../platform/text";

export const Port = z.int().min(1).max(65_535);

/** Without a name and a password: those are secrets, and a URL is read back. */
const HttpsUrl = shownAs(
  z
    .string()
    .max(2048)
    .regex(/^https:\/\/[^/?#@\\\s]+([/?#]|$)/)
    .meta({ format: "uri" }),
  z
    .url({ protocol: /^https$/, error: "an https URL without a name and a password" })
    .max(2048)
    .regex(/^[^/?#]*\/\/[^/?#@\\]*([/?#]|$)/),
);
const Host = z.union([z.hostname(), z.ipv4(), z.ipv6()]);

/** A secret option: write only; null takes it away. */
const Secret = z
  .string()
  .min(1)
  .max(LIMITS.connectorSecret.most)
  .regex(/^[^\0]*$/)
  .refine((secret) => bytesOf(secret) <= LIMITS.connectorSecret.most)
  .nullable()
  .optional();

/** What each type of connector is told; the secrets are named in {@link SECRETS}. */
export const OPTIONS = {
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

const AzureInFleet = z
  .strictObject({ connectionString: Secret })
  .transform(({ connectionString }) => ({ connection_string: connectionString }));

/** The same as the fleet API names them. */
export const FLEET_OPTIONS = { ...OPTIONS, microsoft_azure_iot: AzureInFleet };

/** What may change of each type's options: all that is left out stays. */
export const FLEET_CHANGES = {
  https: OPTIONS.https.partial(),
  tls: OPTIONS.tls.extend({ server_name: z.hostname().nullable() }).partial(),
  microsoft_azure_iot: AzureInFleet,
  aws_iot_core: OPTIONS.aws_iot_core.partial(),
};

/** The secret options of each type. An option that is secret in one type is not readable in another. */
export const SECRETS = {
  https: ["authorization"],
  tls: ["ca", "cert", "key"],
  microsoft_azure_iot: ["connection_string"],
  aws_iot_core: ["cert", "key"],
} as const satisfies Record<ConnectorType, readonly string[]>;

export const CONNECTOR_TYPES = [
  "https",
  "tls",
  "microsoft_azure_iot",
  "aws_iot_core",
] as const satisfies ConnectorType[];

export const SECRET_NAMES: ReadonlySet<string> = new Set(Object.values(SECRETS).flat());

/** Options by name, whatever the type; null takes one away. */
export type Options = Record<string, string | number | null | undefined>;
