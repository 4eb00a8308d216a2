import * as z from "zod";
import type { Config } from "./config";
import { ask } from "./wrangler";

/** What the Cloudflare account has of a deployment. */
export interface Found {
  database: boolean;
  /** The KV namespace's id; undefined where there is none. */
  namespace: string | undefined;
  /** Names of the secrets that the Worker has. */
  secrets: Set<string>;
}

export const FRESH: Found = { database: false, namespace: undefined, secrets: new Set() };

const Databases = z.array(z.object({ name: z.string() }));
const Namespaces = z.array(z.object({ id: z.string(), title: z.string() }));
const Secrets = z.array(z.object({ name: z.string() }));

/** Asks the account. Throws when it cannot be asked, so that a secret is never taken for missing by mistake. */
export async function lookAt(config: Config, file: string): Promise<Found> {
  const [database] = config.d1_databases;
  const [namespace] = config.kv_namespaces;
  const databases = await list(Databases, "d1", "list", "--json", "-c", file);
  const namespaces = await list(Namespaces, "kv", "namespace", "list", "-c", file);
  return {
    database:
      database.database_id !== undefined ||
      databases.some(({ name }) => name === database.database_name),
    namespace: namespace.id ?? namespaces.find(({ title }) => title === namespaceTitle(config))?.id,
    secrets: await secretsOf(config.name, file),
  };
}

/** The name that wrangler gives to a namespace that it makes for a binding. */
export function namespaceTitle({ name, kv_namespaces: [{ binding }] }: Config): string {
  return `${name}-${binding.toLowerCase().replaceAll("_", "-")}`;
}

async function secretsOf(worker: string, file: string): Promise<Set<string>> {
  const args = ["secret", "list", "--format", "json", "-c", file];
  const ran = await ask(...args);
  if (ran.code !== 0 && ran.stderr.includes(`Worker "${worker}" not found`)) return new Set();
  return new Set(parse(Secrets, args, ran).map(({ name }) => name));
}

async function list<T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> {
  return parse(schema, args, await ask(...args));
}

function parse<T>(
  schema: z.ZodType<T>,
  args: string[],
  { code, stdout, stderr }: Awaited<ReturnType<typeof ask>>,
): T {
  const call = `wrangler ${args.slice(0, 2).join(" ")}`;
  if (code !== 0)
    throw new Error(
      `${stderr.trim() || stdout.trim()}\n\n${call} failed. Are you logged in (npx wrangler login)?`,
    );
  try {
    return schema.parse(JSON.parse(stdout));
  } catch {
    throw new Error(`${call} answered something that is not its list:\n${stdout}`);
  }
}
