import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** What `.dev.vars` sets. If there is none, makes one with secrets of its own. */
export function ensureDevVars(path: string): NodeJS.Dict<string> {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, freshVars(), { mode: 0o600 });
  try {
    // Whole or not at all, and never over one that is there: another start may do the same just now.
    linkSync(draft, path);
  } catch (error) {
    if (!isExists(error)) throw error;
  } finally {
    rmSync(draft);
  }
  return parseEnv(readFileSync(path, "utf8"));
}

function freshVars(): string {
  return [
    "# Made by `npm start`, for local development only.",
    `OPERATOR_KEY="op_${randomBytes(24).toString("hex")}"`,
    `ENCRYPTION_KEY="${randomBytes(32).toString("base64")}"`,
    'ALLOW_INSECURE_WEBHOOKS="true"',
    // The development server prints each call itself.
    'LOG_SAMPLE="0"',
    "",
  ].join("\n");
}

function isExists(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
