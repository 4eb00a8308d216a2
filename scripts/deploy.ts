import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FRESH, type Found, lookAt } from "./deploy/account";
import { addressIn } from "./deploy/address";
import { type Config, readDeployConfig, writeConfig } from "./deploy/config";
import { HELP, readOptions } from "./deploy/options";
import { openDraft, SECRETS } from "./deploy/secrets";
import { farewell, plan } from "./deploy/texts";
import { show } from "./deploy/wrangler";

/** Deploys to the Cloudflare account that wrangler is logged into. Each step may be repeated: a run goes on where one failed. */

/** Keeps wrangler from asking what is decided here. */
const CI = { CI: "true" };

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await deploy(options);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function deploy({
  dryRun,
  settings,
  placement,
}: ReturnType<typeof readOptions>): Promise<void> {
  const config = readDeployConfig(settings);
  const file = writeConfig(config);
  const found = await lookAt(config, file).catch((error: unknown) => {
    if (!dryRun) throw error;
    console.log(`${String(error)}\n\nShown as for an account that has nothing yet:`);
    return FRESH;
  });
  console.log(`\n${plan(config, found, placement)}`);
  if (dryRun) return show(["deploy", "--dry-run", "-c", file]);

  if (!found.database)
    await show(
      ["d1", "create", config.d1_databases[0].database_name, ...placement, "-c", file],
      CI,
    );
  await show(["d1", "migrations", "apply", "DB", "--remote", "-c", file], CI);
  const url = await upload(config, found);
  const draft = openDraft(config.name);
  console.log(farewell(url, draft.read()));
  draft.remove();
}

/** Deploys the Worker with the secrets that it lacks, and answers its address. */
async function upload(config: Config, found: Found): Promise<string> {
  const draft = openDraft(config.name);
  const missing = SECRETS.filter((name) => !found.secrets.has(name));
  if (missing.length > 0) draft.make(missing);
  // A namespace that is there is named by its id: wrangler would make another one, and be refused.
  if (found.namespace !== undefined) config.kv_namespaces[0].id = found.namespace;
  const folder = mkdtempSync(join(tmpdir(), "simplane-deploy-"));
  const output = join(folder, "output.ndjson");
  try {
    const secrets = missing.length > 0 ? ["--secrets-file", draft.file] : [];
    await show(["deploy", "-c", writeConfig(config), ...secrets], {
      WRANGLER_OUTPUT_FILE_PATH: output,
    });
    return addressIn(readFileSync(output, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
