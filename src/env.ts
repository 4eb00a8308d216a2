import * as z from "zod";

/** What wrangler.toml binds, plus secrets and variables. */
export interface Env {
  DB: D1Database;
  API_KEYS: KVNamespace;
  EVENTS: Queue;
  DELIVERIES: Queue;
  DELIVERIES_SLOW: Queue;
  REPLAYS: Queue;
  UNKNOWN_KEYS: RateLimit;
  OPERATOR_KEY: string;
  ENCRYPTION_KEY: string;
  SIM_REGISTRATION: string;
  ALLOW_INSECURE_WEBHOOKS: string;
  OWN_HOSTNAMES: string;
  RATE_LIMIT_PER_MINUTE: string;
  FEED_DAYS: string;
  DELIVERY_DAYS: string;
  NETWORK_LOG_DAYS: string;
  USAGE_DAYS: string;
  AUDIT_DAYS: string;
}

/** Days that something is kept. */
const Days = z
  .string()
  .regex(/^[1-9][0-9]{0,4}$/)
  .transform(Number);

/** Calls a minute. */
const Calls = z
  .string()
  .regex(/^[1-9][0-9]{0,6}$/)
  .transform(Number);

const Config = z.object({
  OPERATOR_KEY: z.string().min(1),
  ENCRYPTION_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be 32 bytes in base64"),
  SIM_REGISTRATION: z.enum(["open", "issued"]).default("open"),
  ALLOW_INSECURE_WEBHOOKS: z.enum(["true", "false"]).default("false"),
  OWN_HOSTNAMES: z
    .string()
    .default("")
    .transform((names) =>
      names
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    ),
  RATE_LIMIT_PER_MINUTE: Calls.prefault("600"),
  FEED_DAYS: Days.prefault("7"),
  DELIVERY_DAYS: Days.prefault("7"),
  NETWORK_LOG_DAYS: Days.prefault("90"),
  USAGE_DAYS: Days.prefault("400"),
  AUDIT_DAYS: Days.prefault("400"),
});
export type Config = z.output<typeof Config>;

/** A secret or a variable of the deployment is missing or malformed. Names it, never its value. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

let last: { env: Env; config: Config } | undefined;
const NAMES = Config.keyof().options;

/** The deployment's secrets and variables, checked once an isolate. Throws {@link ConfigError}. */
export function readConfig(env: Env): Config {
  const known = last;
  if (known && NAMES.every((name) => known.env[name] === env[name])) return known.config;
  const parsed = Config.safeParse(env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ConfigError(`configuration: ${wrong.join("; ")}`);
  }
  last = { env, config: parsed.data };
  return parsed.data;
}
