import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount, newSimId } from "./support/given-account";
import { eventually } from "./support/receiver";
import { listIn } from "./support/request";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..", "..");
const folder = await mkdtemp(join(tmpdir(), "simplane-package-"));

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program that the guide's code is part of. */
const READER = `
import { Webhook } from "standardwebhooks";
import { keepUp, receive } from "./guide.js";

const { log } = console;
const ended = new AbortController();
console.log = (...printed) => {
  log(...printed);
  ended.abort();
};
await keepUp(ended.signal);

const body = JSON.stringify({ bill_id: "1", sim_id: "192837465", download: "4096" });
const now = new Date();
const signature = new Webhook(process.env.WEBHOOK_SECRET ?? "").sign("evt_1", now, body);
const headers = {
  "x-event-type": "usage",
  "webhook-id": "evt_1",
  "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
};
for (const given of [signature, "v1,"]) {
  const signed = { ...headers, "webhook-signature": given };
  const post = new Request("http://localhost/", { method: "POST", headers: signed, body });
  console.log((await receive(post)).status);
}
`;

const PROGRAM = `
import { createClient, SimplaneError, type WebhookEvent } from "simplane";
const [, , baseUrl = "", key = "", id = ""] = process.argv;
const simplane = createClient({ baseUrl, key });
await simplane.POST("/sim", { body: { id } });
for await (const sim of simplane.iterate("/sims")) console.log(sim.id === id ? "found" : "another" satisfies string);
try {
  await simplane.POST("/sim", { body: { id } });
} catch (error) {
  if (error instanceof SimplaneError) console.log(error.code);
}
// @ts-expect-error -- there is no such path
void (() => simplane.GET("/sin"));
// @ts-expect-error -- an id is a text
void (() => simplane.POST("/sim", { body: { id: 192837465 } }));
// @ts-expect-error -- a list that is not read a page at a time
void (() => simplane.iterate("/webhooks"));
export const upload = (event: WebhookEvent) =>
  event.type === "usage" && event.payload === "classic" ? (event.data.upload satisfies string) : 0;
`;

const SETTINGS = {
  compilerOptions: {
    module: "nodenext",
    target: "es2022",
    lib: ["es2022", "dom"],
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules", "@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
  },
  files: ["program.ts", "reader.ts"],
};

const app = join(folder, "app");
/** What the guide's SIM is called here. */
const sim = newSimId();
const server = inject("server");

/** Runs a program of the other folder; answers the lines that it prints. */
async function linesOf(name: string, args: string[], env: Record<string, string> = {}) {
  const options = { cwd: app, env: { ...process.env, ...env } };
  const { stdout } = await run(process.execPath, [name, ...args], options);
  return stdout.trimEnd().split("\n");
}

beforeAll(async () => {
  await mkdir(app);
  const guide = await readFile(join(ROOT, "docs", "client.md"), "utf8");
  const blocks = [...guide.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = ""]) => block);
  const files = {
    "package.json": JSON.stringify({ type: "module", private: true }),
    "tsconfig.json": JSON.stringify(SETTINGS),
    "program.ts": PROGRAM,
    "guide.ts": blocks.join("\n").replaceAll("192837465", sim),
    "reader.ts": READER,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text);

  // As `npm ci` built it.
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const archives: string[] = [];
  for (const cwd of [join(ROOT, "client"), ROOT]) {
    const packed = await run("npm", pack, { cwd });
    archives.push(join(folder, packed.stdout.trim()));
  }
  // What the package needs, and the reader's program, is taken from here: a test asks no registry.
  const needed = ["openapi-fetch", "openapi-typescript-helpers", "standardwebhooks"];
  const local = needed.map((name) => join(ROOT, "node_modules", name));
  const install = ["install", "--offline", "--no-audit", "--no-fund", ...archives, ...local];
  await run("npm", install, { cwd: app });
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc], { cwd: app });
});

it("types a program in another folder, where it was installed, and runs there", async () => {
  const { key } = await givenAccount();
  expect(await linesOf("program.js", [server.url, key, newSimId()])).toEqual([
    "found",
    "id_conflict",
  ]);
});

it("has the command line in a package of its own", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const options = {
    cwd: app,
    env: { ...process.env, SIMPLANE_URL: server.url, SIMPLANE_KEY: acme.key },
  };
  const simplane = join(app, "node_modules", ".bin", "simplane");
  const { stdout } = await run(simplane, ["sims", "list", "--json"], options);
  expect(JSON.parse(stdout)).toMatchObject({ id });
});

it("does what its guide says", async () => {
  const acme = await givenAccount();
  const other = await acme.givenSim();
  await report(usageOf(other, { upload: "1024" }));
  await eventually(async () => {
    expect(listIn(await acme.call("GET", "/events"), "events")).toHaveLength(1);
  });
  const WEBHOOK_SECRET = `whsec_${randomBytes(32).toString("base64")}`;
  const env = { API: server.url, KEY: acme.key, WEBHOOK_SECRET };
  expect(await linesOf("reader.js", [], env)).toEqual([
    "My-Lego-Drone01 true",
    ...[sim, other].toSorted().map((id) => `${id} false`),
    "id_conflict 409 true true",
    `${other} 1024`,
    "evt_1 4096",
    "204",
    "401",
  ]);
});
