import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./wrangler";

const MIGRATIONS = join(ROOT, "migrations");
/** Where the local runtime keeps databases, below the folder of all state. */
const DATABASES = join("v3", "d1");

/** True where a start before this one applied these very migrations: asking wrangler takes seconds. */
export function isMigrated(persistTo: string): boolean {
  const note = noteOf(persistTo);
  return (
    existsSync(note) &&
    existsSync(join(persistTo, DATABASES)) &&
    readFileSync(note, "utf8") === fingerprint()
  );
}

export function noteMigrated(persistTo: string): void {
  writeFileSync(noteOf(persistTo), fingerprint());
}

function noteOf(persistTo: string): string {
  return join(persistTo, "migrated");
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(MIGRATIONS).filter((file) => file.endsWith(".sql")))
    hash.update(name).update(readFileSync(join(MIGRATIONS, name)));
  return hash.digest("hex");
}
