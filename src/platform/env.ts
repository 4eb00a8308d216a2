import * as z from "zod";
import { LIMITS } from "./limits";
import type { EncryptionKeys } from "./crypto";

/** What wrangler.toml binds, plus secrets and variables. */
export interface Env {
  DB: D1Database;
  API_KEYS: KVNamespace;
  EVENTS: Queue;
  DELIVERIES: Queue;
  DELIVERIES_SLOW: Queue;
  REPLAYS: Queue;
  /** Asked how much waits there, and sent nothing. */
  EVENTS_DEAD: Queue;
  DELIVERIES_DEAD: Queue;
  /** Counters, where wrangler.toml binds it. */
  METRICS?: AnalyticsEngineDataset;
  /** Limits of keys that nobody has: of a caller, of look-ups of one over that limit, and of all callers. */
  UNKNOWN_KEYS: RateLimit;
  UNKNOWN_KEYS_OVER: RateLimit;
  UNKNOWN_KEYS_ALL: RateLimit;
  OPERATOR_KEY: string;
  ENCRYPTION_KEY: string;
  /** During a rotation: taken as well. */
  OPERATOR_KEY_SECOND?: string;
  ENCRYPTION_KEY_SECOND?: string;
  SIM_REGISTRATION: string;
  ALLOW_INSECURE_WEBHOOKS: string;
  OWN_HOSTNAMES: string;
  RATE_LIMIT_PER_MINUTE: string;
  SIMS_PER_ACCOUNT: string;
  FEED_DAYS: string;
  DELIVERY_DAYS: string;
  NETWORK_LOG_DAYS: string;
  USAGE_DAYS: string;
  AUDIT_DAYS: string;
  UNMATCHED_DAYS: string;
  LOG_SAMPLE: string;
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

/** SIMs of an account. */
const Sims = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .transform(Number);

/** A part of all, from none to all. */
const Share = z
  .string()
  .regex(/^(0|1|0?\.[0-9]{1,6}|1\.0{1,6})$/)
  .transform(Number);

/** It is compared with what anybody sends: 32 characters cannot be guessed. */
const OperatorKey = z.string().min(32, "must have at least 32 characters");
const EncryptionKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be 32 bytes in base64");

const Settings = z.object({
  OPERATOR_KEY: OperatorKey,
  ENCRYPTION_KEY: EncryptionKey,
  OPERATOR_KEY_SECOND: OperatorKey.optional(),
  ENCRYPTION_KEY_SECOND: EncryptionKey.optional(),
  SIM_REGISTRATION: z.enum(["open", "issued"]).default("issued"),
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
  SIMS_PER_ACCOUNT: Sims.prefault(String(LIMITS.sims.most)),
  FEED_DAYS: Days.prefault("7"),
  DELIVERY_DAYS: Days.prefault("7"),
  NETWORK_LOG_DAYS: Days.prefault("90"),
  USAGE_DAYS: Days.prefault("400"),
  AUDIT_DAYS: Days.prefault("400"),
  UNMATCHED_DAYS: Days.prefault("90"),
  LOG_SAMPLE: Share.prefault("1"),
});
type Settings = z.output<typeof Settings>;

export interface Config extends Settings {
  operatorKeys: readonly string[];
  encryptionKeys: EncryptionKeys;
}

/** A secret or a variable of the deployment is missing or malformed. Names it, never its value. */
class ConfigError extends Error {
  override name = "ConfigError";
}

let last: { env: Env; config: Config } | undefined;
const NAMES = Settings.keyof().options;

/** The deployment's secrets and variables, checked once an isolate. Throws {@link ConfigError}. */
export function readConfig(env: Env): Config {
  const known = last;
  if (known && NAMES.every((name) => known.env[name] === env[name])) return known.config;
  const parsed = Settings.safeParse(env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ConfigError(`configuration: ${wrong.join("; ")}`);
  }
  const config = withKeys(parsed.data);
  last = { env, config };
  return config;
}

function withKeys(settings: Settings): Config {
  const { OPERATOR_KEY, OPERATOR_KEY_SECOND, ENCRYPTION_KEY, ENCRYPTION_KEY_SECOND } = settings;
  return {
    ...settings,
    operatorKeys: [OPERATOR_KEY, ...(OPERATOR_KEY_SECOND ? [OPERATOR_KEY_SECOND] : [])],
    encryptionKeys: [ENCRYPTION_KEY, ...(ENCRYPTION_KEY_SECOND ? [ENCRYPTION_KEY_SECOND] : [])],
  };
}

/** Whether this time a line is logged of what went well. Always, where the configuration is wrong: that is told by what fails. */
export function isInSample(env: Env): boolean {
  try {
    return Math.random() < readConfig(env).LOG_SAMPLE;
  } catch {
    return true;
  }
}
