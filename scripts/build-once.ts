import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./start/wrangler";

export interface Product {
  /** The files that the build writes. */
  made: string[];
  /** Patterns of the files that it reads. */
  sources: string[];
  /** The file that remembers the sources of the last build. */
  note: string;
}

/**
 * Builds a product unless it was built from these very files. npm runs the builds before each use of the clone as a package: at
 * `npm ci`, at the first `npx simplane`, and at each `npm install` of a project that has the client. Paths are from the root.
 */
export async function buildOnce(
  { made, sources, note }: Product,
  build: () => Promise<void>,
): Promise<void> {
  const fingerprint = fingerprintOf(sources, made);
  const noted = join(ROOT, note);
  const isThere = [...made, note].every((file) => existsSync(join(ROOT, file)));
  if (isThere && readFileSync(noted, "utf8") === fingerprint) return;
  await build();
  mkdirSync(dirname(noted), { recursive: true });
  writeFileSync(noted, fingerprint);
}

function fingerprintOf(sources: string[], made: string[]): string {
  const hash = createHash("sha256");
  const exclude = (path: string) => /(^|[\\/])(node_modules|dist)([\\/]|$)/.test(path);
  const files = globSync(sources, { cwd: ROOT, exclude });
  for (const file of files.filter((name) => !made.includes(name)).toSorted())
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}
