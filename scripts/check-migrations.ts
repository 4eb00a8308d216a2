import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** Fails when the tables and the migrations disagree, or a migration does what silently empties tables on D1. */

const MIGRATIONS = "migrations";
const FORBIDDEN = [/\bON\s+DELETE\s+CASCADE\b/i, /\bDROP\s+TABLE\b/i];

const problems = [...forbidden(), ...undeclared(), ...disagreement()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function sqlFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".sql"));
}

function forbidden(): string[] {
  return sqlFiles(MIGRATIONS).flatMap((name) => {
    const sql = readFileSync(join(MIGRATIONS, name), "utf8");
    const found = FORBIDDEN.map((pattern) => pattern.exec(sql)?.[0]);
    return found.flatMap((words) => (words ? [`${MIGRATIONS}/${name}: no ${words}`] : []));
  });
}

/** wrangler applies every file, the generator knows those of its journal: they must be the same. */
function undeclared(): string[] {
  const journal = readFileSync(join(MIGRATIONS, "meta", "_journal.json"), "utf8");
  const tags = [...journal.matchAll(/"tag": "([^"]+)"/g)].map(([, tag]) => `${tag}.sql`);
  const files = sqlFiles(MIGRATIONS);
  return [
    ...files
      .filter((name) => !tags.includes(name))
      .map((name) => `${MIGRATIONS}/${name}: not in the journal; make it with drizzle-kit`),
    ...tags
      .filter((name) => !files.includes(name))
      .map((name) => `${MIGRATIONS}/${name}: in the journal, but there is no such file`),
  ];
}

/** Lets the generator write into a copy: there must be nothing to write. */
function disagreement(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  try {
    cpSync(MIGRATIONS, folder, { recursive: true });
    const output = generate(folder);
    // It ends with 0 even when it fails, so its words are asked for.
    if (output.includes("No schema changes")) return [];
    const made = sqlFiles(folder).filter((name) => !sqlFiles(MIGRATIONS).includes(name));
    const detail = made.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
    return [
      "src/db/tables.ts and migrations/ disagree: run `npm run migrations:generate` and read what it makes.",
      detail || output,
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function generate(folder: string): string {
  const kit = join("node_modules", "drizzle-kit", "bin.cjs");
  // The generator takes no absolute folder.
  const out = relative(process.cwd(), folder);
  const args = ["generate", "--dialect=sqlite", "--schema=src/db/tables.ts", `--out=${out}`];
  const ran = spawnSync(process.execPath, [kit, ...args], { encoding: "utf8" });
  return ran.stdout + ran.stderr;
}
