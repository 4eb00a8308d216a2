import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { writeTypes } from "./client-types/write";
import { ROOT } from "./start/wrangler";

/** The package that programs import: one file, and its types. */

const source = join(ROOT, "client");
const folder = join(ROOT, "dist", "client");
await writeTypes();
rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: [join(source, "index.ts")],
  outdir: folder,
  bundle: true,
  packages: "external",
  format: "esm",
  target: "es2022",
});
const declare = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder];
const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
execFileSync(process.execPath, [tsc, "-p", source, ...declare], { stdio: "inherit" });
for (const name of readdirSync(folder).filter((file) => file.endsWith(".d.ts"))) {
  const file = join(folder, name);
  // What resolves modules as Node does wants the ending.
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(from "\.\/[^"]+)"/g, '$1.js"'));
}
