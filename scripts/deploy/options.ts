import { parseArgs } from "node:util";

export const HELP = `npm run deploy -- [options]

Creates what is missing in the Cloudflare account (a D1 database, a KV namespace, the queues), applies the migrations, sets
OPERATOR_KEY and ENCRYPTION_KEY if they are not set, and deploys the Worker. What is there already is not changed.

  --dry-run             show what would be done, and change nothing
  --settings <file>     your own settings: TOML with the keys of wrangler.toml, which it is laid over (deploy.toml, if there is one)
  --location <hint>     where a new database is placed: weur, eeur, wnam, enam, apac, oc
  --jurisdiction <name> keep a new database within eu or fedramp
  --help                this text

Log in first with \`npx wrangler login\`, or set CLOUDFLARE_API_TOKEN. Where that opens several accounts, CLOUDFLARE_ACCOUNT_ID
names the one to use.`;

export interface DeployOptions {
  dryRun: boolean;
  help: boolean;
  settings: string | undefined;
  /** Arguments of `wrangler d1 create` that say where the database is placed. */
  placement: string[];
}

/** Reads the arguments of `npm run deploy`. Throws for those that it does not know. */
export function readOptions(args: string[]): DeployOptions {
  const { values } = parseArgs({
    args: args[0] === "--" ? args.slice(1) : args,
    options: {
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      settings: { type: "string" },
      location: { type: "string" },
      jurisdiction: { type: "string" },
    },
  });
  const { location, jurisdiction, settings } = values;
  if (location !== undefined && jurisdiction !== undefined)
    throw new Error(
      "Give --location or --jurisdiction, not both: a jurisdiction decides the place.",
    );
  return {
    dryRun: values["dry-run"],
    help: values.help,
    settings,
    placement: [
      ...(location === undefined ? [] : ["--location", location]),
      ...(jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction]),
    ],
  };
}
