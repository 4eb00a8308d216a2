import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { ROOT } from "../start/wrangler";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the wrangler that npm puts on the PATH, and answers its output. */
export async function ask(...args: string[]): Promise<Ran> {
  const child = spawn("wrangler", args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" },
  });
  const ran: Ran = { code: 1, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (ran.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (ran.stderr += chunk.toString()));
  ran.code = await codeOf(child);
  return ran;
}

function codeOf(child: ChildProcess): Promise<number> {
  return once(child, "close").then(([code]: (number | null)[]) => code ?? 1);
}

/** Runs wrangler in this terminal, so that it can ask. Throws when it fails. */
export async function show(args: string[], env: NodeJS.Dict<string> = {}): Promise<void> {
  console.log(`\n> wrangler ${args.join(" ")}`);
  const child = spawn("wrangler", args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", ...env },
  });
  if ((await codeOf(child)) !== 0)
    throw new Error(
      `wrangler ${args.slice(0, 2).join(" ")} failed. Nothing that was made is lost: run npm run deploy again.`,
    );
}
