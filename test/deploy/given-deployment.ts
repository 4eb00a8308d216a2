import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const FRESH = { databases: [], namespaces: [], queues: [], workers: {}, migrated: 0 };

interface Account {
  databases: string[];
  namespaces: unknown[];
  queues: string[];
  workers: Record<string, Record<string, string>>;
  migrated: number;
}

/** A Cloudflare account that has nothing, and `npm run deploy` against it, as a Worker of a name of its own. */
export function givenDeployment(settings = "") {
  const name = `try-${randomBytes(4).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "simplane-deploy-test-"));
  const file = (path: string) => join(folder, path);
  const draft = `.wrangler/secrets-not-shown-yet.${name}.json`;
  onTestFinished(() => {
    for (const path of [folder, draft, `wrangler.${name}.json`])
      rmSync(path, { recursive: true, force: true });
  });
  writeFileSync(file("account.json"), JSON.stringify(FRESH));
  writeFileSync(file("calls"), "");
  writeFileSync(file("deploy.toml"), `name = "${name}"\n${settings}`);
  mkdirSync(file("bin"));
  const program = `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${resolve("test/deploy/wrangler.ts")}' "$@"\n`;
  writeFileSync(file("bin/wrangler"), program);
  chmodSync(file("bin/wrangler"), 0o755);

  return {
    name,
    account: (): Account => JSON.parse(readFileSync(file("account.json"), "utf8")),
    /** Takes a secret away from the Worker. */
    forget: (secret: string) => {
      const account = JSON.parse(readFileSync(file("account.json"), "utf8"));
      delete account.workers[name][secret];
      writeFileSync(file("account.json"), JSON.stringify(account));
    },
    config: () => JSON.parse(readFileSync(`wrangler.${name}.json`, "utf8")),
    hasDraft: () => existsSync(draft),
    /** Runs it; `fails` names the call of wrangler that ends with an error. */
    deploy: (...args: string[]) => run(args),
    deployFailing: (fails: string, ...args: string[]) => run(args, fails),
  };

  async function run(args: string[], fails?: string) {
    writeFileSync(file("calls"), "");
    const env = {
      ...process.env,
      PATH: `${file("bin")}${delimiter}${process.env["PATH"]}`,
      FAKE_ACCOUNT: file("account.json"),
      FAKE_CALLS: file("calls"),
      ...(fails !== undefined && { FAKE_FAILS: fails }),
    };
    const tsx = resolve("node_modules/tsx/dist/cli.mjs");
    const all = [tsx, "scripts/deploy.ts", "--settings", file("deploy.toml"), ...args];
    const ended = await new Promise<{ code: number; output: string }>((done) => {
      execFile(process.execPath, all, { env }, (error, stdout, stderr) =>
        done({ code: error ? 1 : 0, output: stdout + stderr }),
      );
    });
    const calls = readFileSync(file("calls"), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" -")[0] ?? "")
      .filter((call) => !call.includes("list"));
    return { ...ended, calls };
  }
}
