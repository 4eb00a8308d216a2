import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

/**
 * Stands for wrangler and the Cloudflare account behind it: keeps what was made in the file FAKE_ACCOUNT, writes each call
 * to FAKE_CALLS, and fails at the call that FAKE_FAILS names, after that much of it was done.
 */

interface Account {
  databases: string[];
  namespaces: { id: string; title: string }[];
  queues: string[];
  /** By Worker: the names and values of its secrets. */
  workers: Record<string, Record<string, string>>;
  migrated: number;
}

interface Config {
  name: string;
  d1_databases: [{ database_name: string }];
  kv_namespaces: [{ id?: string }];
  queues: { producers: { queue: string }[] };
}

const { FAKE_ACCOUNT = "", FAKE_CALLS = "", FAKE_FAILS } = process.env;
const args = process.argv.slice(2);
const account: Account = JSON.parse(readFileSync(FAKE_ACCOUNT, "utf8"));
const config: Config = JSON.parse(readFileSync(valueOf("-c") ?? "", "utf8"));
const [database] = config.d1_databases;
const title = `${config.name}-api-keys`;
const call = args.filter((arg) => !arg.startsWith("-")).join(" ");

appendFileSync(FAKE_CALLS, `${args.join(" ")}\n`);
if (FAKE_FAILS === "login") fail("Authentication error [code: 10000]");

if (call.startsWith("d1 list")) print(account.databases.map((name) => ({ name, uuid: name })));
else if (call.startsWith("kv namespace list")) print(account.namespaces);
else if (call.startsWith("secret list")) listSecrets();
else if (call.startsWith("d1 create")) createDatabase();
else if (call.startsWith("d1 migrations apply DB")) migrate();
else if (call.startsWith("deploy")) deploy();
else fail(`no such call: ${call}`);
writeFileSync(FAKE_ACCOUNT, JSON.stringify(account));
if (FAKE_FAILS !== undefined && call.startsWith(FAKE_FAILS)) fail("the connection was lost");

function listSecrets(): void {
  const secrets = account.workers[config.name];
  if (FAKE_FAILS === "secret list") fail("the connection was lost");
  if (!secrets) fail(`Worker "${config.name}" not found.`);
  print(Object.keys(secrets ?? {}).map((name) => ({ name, type: "secret_text" })));
}

function createDatabase(): void {
  const name = args[2] ?? "";
  if (account.databases.includes(name)) fail(`A database with that name already exists`);
  account.databases.push(name);
}

function migrate(): void {
  if (!account.databases.includes(database.database_name)) fail("Couldn't find a D1 DB");
  account.migrated += 1;
}

function deploy(): void {
  if (args.includes("--dry-run")) return;
  if (!account.databases.includes(database.database_name)) fail("no database");
  const [{ id }] = config.kv_namespaces;
  if (id === undefined && !(config.name in account.workers)) {
    if (account.namespaces.some((one) => one.title === title))
      fail("a namespace with this account ID and title already exists [code: 10014]");
    account.namespaces.push({ id: "kv-1", title });
  }
  for (const { queue } of config.queues.producers)
    if (!account.queues.includes(queue)) account.queues.push(queue);
  if (FAKE_FAILS === "upload") {
    writeFileSync(FAKE_ACCOUNT, JSON.stringify(account));
    fail("the upload was refused");
  }
  const file = valueOf("--secrets-file");
  const secrets = file === undefined ? {} : JSON.parse(readFileSync(file, "utf8"));
  account.workers[config.name] = { ...account.workers[config.name], ...secrets };
  const targets = [`https://${config.name}.acme.workers.dev`, "schedule: 17 * * * *"];
  const output = process.env["WRANGLER_OUTPUT_FILE_PATH"];
  if (output !== undefined)
    appendFileSync(
      output,
      `{"type":"wrangler-session"}\n${JSON.stringify({ type: "deploy", targets })}\n`,
    );
}

function valueOf(option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function fail(why: string): never {
  console.error(`✘ [ERROR] ${why}`);
  process.exit(1);
}
