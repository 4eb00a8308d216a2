import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./start/wrangler";

/**
 * Builds the npm package into dist/, unless it was built from these very files. npm runs this before each use of the clone as a
 * package: at the first `npx simplane`, and at each `npm install` of a project that has it.
 */

const SOURCES = ["package-lock.json", "{src,openapi,client,cli,scripts}/**/*.{ts,json}"];
/** Made by the build itself. */
const MADE = join("client", "schema.ts");
const note = join(ROOT, "dist", "built-from");
const made = [MADE, join("dist", "cli.js"), join("dist", "client", "index.js")];
const fingerprint = fingerprintOf(SOURCES);

if (!isBuilt()) {
  await import("./build-client");
  await import("./build-cli");
  writeFileSync(note, fingerprint);
}

function isBuilt(): boolean {
  const there = [...made.map((file) => join(ROOT, file)), note].every((file) => existsSync(file));
  return there && readFileSync(note, "utf8") === fingerprint;
}

function fingerprintOf(patterns: string[]): string {
  const hash = createHash("sha256");
  const files = globSync(patterns, { cwd: ROOT, exclude: (path) => path.includes("node_modules") });
  for (const file of files.filter((name) => name !== MADE).toSorted())
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}
