import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import root from "../../package.json";
import { listen } from "../e2e/support/receiver";

const run = promisify(execFile);
const CLIENT = join(import.meta.dirname, "..", "..", "client");
const INSTALL = ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"];

const PROGRAM = `
import { createClient, SimplaneError, verifyWebhook, WebhookVerificationError } from "simplane";
const simplane = createClient({ baseUrl: process.argv[2], key: "sp_1", retries: 0 });
const { data } = await simplane.GET("/sims/{sim_id}", { params: { path: { sim_id: "192837465" } } });
console.log(data.id);
const refused = await simplane.POST("/sim", { body: { id: "1" } }).catch((error) => error);
console.log(refused instanceof SimplaneError, refused.code);
const unsigned = await verifyWebhook({ headers: {}, body: "{}" }, "whsec_").catch((error) => error);
console.log(unsigned instanceof WebhookVerificationError, unsigned.reason);
`;

beforeAll(async () => {
  const tsx = join(CLIENT, "..", "node_modules", "tsx", "dist", "cli.mjs");
  await run(process.execPath, [tsx, join(CLIENT, "..", "scripts", "build-client.ts")]);
});

function givenFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "simplane-installed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  writeFileSync(join(folder, "program.js"), PROGRAM);
  return folder;
}

/** Runs the program of the folder against an API that knows one SIM and refuses every change. */
async function linesOf(folder: string): Promise<string[]> {
  const api = createServer(({ method }, response) => {
    response.writeHead(method === "GET" ? 200 : 409, { "content-type": "application/json" });
    response.end(JSON.stringify(method === "GET" ? { id: "192837465" } : { error: "id_conflict" }));
  });
  const program = ["program.js", `http://127.0.0.1:${await listen(api)}`];
  const ran = await run(process.execPath, program, { cwd: folder });
  return ran.stdout.trimEnd().split("\n");
}

const DONE = ["192837465", "true id_conflict", "true header_missing"];

it("is a package that npm packs whole, and a program in another folder imports", async () => {
  const folder = givenFolder();
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: CLIENT });
  const [{ filename, version, files }] = JSON.parse(stdout);
  expect(version).toBe(root.version);
  const names = files.map(({ path }: { path: string }) => path);
  expect(names).toEqual(
    expect.arrayContaining(["LICENSE", "README.md", "dist/index.d.ts", "dist/index.js"]),
  );
  expect(names).not.toContain("index.ts");
  // A test asks no registry: what the package needs is taken from the clone.
  const needed = ["openapi-fetch", "openapi-typescript-helpers"].map((name) =>
    join(CLIENT, "..", "node_modules", name),
  );
  await run("npm", [...INSTALL, join(folder, filename), ...needed], { cwd: folder });
  expect(await linesOf(folder)).toEqual(DONE);
});

it("is linked from a clone by `npm install ../simplane/client`", async () => {
  const folder = givenFolder();
  await run("npm", [...INSTALL, CLIENT], { cwd: folder });
  expect(await linesOf(folder)).toEqual(DONE);
});

it("is as small as its page says", async () => {
  const page = readFileSync(join(CLIENT, "..", "docs", "client.md"), "utf8");
  const said = Number(/^npx esbuild client.*\n# (\d+)$/m.exec(page)?.[1]);
  const { outputFiles } = await build({
    entryPoints: [join(CLIENT, "dist", "index.js")],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  expect(Math.abs(size - said) / said).toBeLessThan(0.02);
});
