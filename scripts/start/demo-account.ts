import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { api, type Api } from "./api";
import { seed } from "./seed";

const Demo = z.object({ account_id: z.string(), key: z.string(), seeded: z.boolean() });
type Demo = z.output<typeof Demo>;

const Accounts = z.object({ accounts: z.array(z.object({ id: z.string() })) });
const Account = z.object({ id: z.string() });
const ApiKey = z.object({ key: z.string() });

/**
 * The demo account's key. A database without accounts is given the demo account with its SIMs and usage;
 * one that has accounts is left as it is, and the key is undefined when the demo is not among them.
 */
export async function demoAccount(
  url: string,
  operatorKey: string,
  persistTo: string,
  now: number,
): Promise<string | undefined> {
  const operator = api(url, operatorKey);
  // The API shows a key once, so it is kept beside the database that knows it.
  const file = join(persistTo, "demo.json");
  const listed = await operator("GET", "/operator/accounts?limit=1", Accounts);
  if (listed.accounts.length === 0) {
    console.log("Making a demo account with 20 SIMs and 30 days of usage ...");
    write(file, await makeAccount(operator));
  }
  const demo = read(file);
  // A start that was interrupted is carried on: each step may be done twice.
  if (demo && !demo.seeded) {
    await seed(operator, api(url, demo.key), demo.account_id, now);
    write(file, { ...demo, seeded: true });
  }
  return demo?.key;
}

async function makeAccount(operator: Api): Promise<Demo> {
  const { id } = await operator("POST", "/operator/accounts", Account, { name: "Demo" });
  const keys = `/operator/accounts/${id}/keys`;
  const { key } = await operator("POST", keys, ApiKey, { name: "npm start" });
  return { account_id: id, key, seeded: false };
}

function read(file: string): Demo | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  return Demo.parse(JSON.parse(text));
}

function write(file: string, demo: Demo): void {
  mkdirSync(join(file, ".."), { recursive: true });
  // `mode` counts only for a file that is made.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}
