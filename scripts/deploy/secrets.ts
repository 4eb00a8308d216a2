import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { ROOT } from "../start/wrangler";

export const SECRETS = ["OPERATOR_KEY", "ENCRYPTION_KEY"] as const;
export type SecretName = (typeof SECRETS)[number];

const Draft = z.partialRecord(z.enum(SECRETS), z.string());
type Draft = z.output<typeof Draft>;

const MAKE: Record<SecretName, () => string> = {
  OPERATOR_KEY: () => `op_${randomBytes(24).toString("hex")}`,
  ENCRYPTION_KEY: () => randomBytes(32).toString("base64"),
};

/**
 * Secrets that were made and not shown yet. They are in a file that only its owner reads, from before wrangler is given
 * them until they were shown: a deployment that fails in between loses none, and makes none twice.
 */
export function openDraft(worker: string) {
  const file = join(ROOT, ".wrangler", `secrets-not-shown-yet.${worker}.json`);
  const read = (): Draft => {
    try {
      return Draft.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
      throw error;
    }
  };
  return {
    file,
    read,
    /** Makes those of `missing` that the draft does not have. */
    make(missing: readonly SecretName[]): void {
      const draft = read();
      for (const name of missing) draft[name] ??= MAKE[name]();
      mkdirSync(dirname(file), { recursive: true });
      rmSync(file, { force: true });
      writeFileSync(file, JSON.stringify(draft), { mode: 0o600 });
    },
    remove: () => rmSync(file, { force: true }),
  };
}
