import { readFile } from "node:fs/promises";
import { afterAll, inject } from "vitest";

/** What every secret value that a test makes up begins with. */
export const PLAIN_SECRET = "plain-secret-";

const KEY = /\bsp_[0-9A-Za-z]{40}/;
const SIGNING_SECRET = /whsec_/;

// After each file, and so after the last: whatever the tests did, the log tells no secret of it.
afterAll(async () => {
  const { log, operatorKey, encryptionKey } = inject("server");
  const lines = (await readFile(log, "utf8")).split("\n");
  const secrets = [PLAIN_SECRET, operatorKey, encryptionKey, KEY, SIGNING_SECRET];
  const telling = lines.filter((line) =>
    secrets.some((secret) =>
      typeof secret === "string" ? line.includes(secret) : secret.test(line),
    ),
  );
  if (telling.length > 0) throw new Error(`secrets in the log:\n${telling.join("\n")}`);
});
