import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { buildOnce } from "./build-once";
import { ROOT } from "./start/wrangler";

/** The package that programs import: one file, and its types. */

const source = join(ROOT, "client");
const folder = join(source, "dist");

await buildOnce(
  {
    made: [join("client", "schema.ts"), join("client", "dist", "index.js")],
    sources: [
      "package.json",
      "package-lock.json",
      "{src,openapi,client}/**/*.{ts,json}",
      "scripts/{build-client.ts,client-types/*.ts}",
    ],
    note: join("dist", "client.built-from"),
  },
  async () => {
    // Imported here, since loading it takes longer than finding that nothing changed.
    const { writeTypes } = await import("./client-types/write");
    await writeTypes();
    rmSync(folder, { recursive: true, force: true });
    await bundle();
    declareTypes();
  },
);

async function bundle(): Promise<void> {
  await build({
    entryPoints: [join(source, "index.ts")],
    outdir: folder,
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2022",
  });
}

function declareTypes(): void {
  const declare = [
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    folder,
  ];
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", source, ...declare], { stdio: "inherit" });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".d.ts"))) {
    const file = join(folder, name);
    // Node's resolution of modules needs the ending.
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(from "\.\/[^"]+)"/g, '$1.js"'));
  }
}
