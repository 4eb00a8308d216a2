import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { createClient, type Simplane } from "../../client";
import { seed } from "./seed";

const Demo = z.object({ account_id: z.string(), key: z.string(), seeded: z.boolean() });
type Demo = z.output<typeof Demo>;

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
  const operator = createClient({ baseUrl: url, key: operatorKey });
  // The API shows a key once, so it is kept beside the database that knows it.
  const file = join(persistTo, "demo.json");
  const { data } = await operator.GET("/operator/accounts", { params: { query: { limit: 1 } } });
  if (data.accounts.length === 0) {
    console.log("Making a demo account with 20 SIMs and 30 days of usage ...");
    write(file, await makeAccount(operator));
  }
  const demo = read(file);
  // A start that was interrupted is carried on: each step may be done twice.
  if (demo && !demo.seeded) {
    await seed(operator, createClient({ baseUrl: url, key: demo.key }), demo.account_id, now);
    write(file, { ...demo, seeded: true });
  }
  return demo?.key;
}

async function makeAccount(operator: Simplane): Promise<Demo> {
  const { data: account } = await operator.POST("/operator/accounts", { body: { name: "Demo" } });
  const { data: made } = await operator.POST("/operator/accounts/{id}/keys", {
    params: { path: { id: account.id } },
    body: { name: "npm start" },
  });
  return { account_id: account.id, key: made.key, seeded: false };
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
