import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, inject, it } from "vitest";
import { givenAccount } from "./support/given-account";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..", "..");
const folder = await mkdtemp(join(tmpdir(), "simplane-package-"));

afterAll(() => rm(folder, { recursive: true, force: true }));

const PROGRAM = `
import { createClient, SimplaneError, type WebhookEvent } from "simplane";
declare const process: { argv: string[] };
const [, , baseUrl = "", key = "", id = ""] = process.argv;
const simplane = createClient({ baseUrl, key });
await simplane.POST("/sim", { body: { id } });
for await (const sim of simplane.iterate("/sims")) console.log(sim.id satisfies string);
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
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
  },
  files: ["program.ts"],
};

it("is packed, and a program of somebody else's is typed by it, and runs", async () => {
  const app = join(folder, "app");
  await mkdir(app);
  await writeFile(join(app, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(join(app, "program.ts"), PROGRAM);
  await writeFile(join(app, "tsconfig.json"), JSON.stringify(SETTINGS));

  // As `npm ci` built it.
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const packed = await run("npm", pack, { cwd: ROOT });
  const archive = join(folder, packed.stdout.trim());
  // What the package needs is taken from here, since a test asks no registry.
  const needed = ["openapi-fetch", "openapi-typescript-helpers"].map((name) =>
    join(ROOT, "node_modules", name),
  );
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", archive, ...needed], {
    cwd: app,
  });
  await run(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc")], {
    cwd: app,
  });

  const { key } = await givenAccount();
  const args = ["program.js", inject("server").url, key, "192837465"];
  const { stdout } = await run(process.execPath, args, { cwd: app });
  expect(stdout.split("\n")).toEqual(["192837465", "id_conflict", ""]);
});
