import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./start/wrangler";

/** What is bundled and CommonJS asks for Node's own modules by `require`, which a module does not have. */
const BANNER = `#!/usr/bin/env node
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);`;

/** Writes the program `simplane`: one file with all that it needs, so that whoever installs the package gets nothing else for it. */
export async function bundleCli(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "cli", "main.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: BANNER },
  });
  await chmod(outfile, 0o755);
}
