import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
const STOP_MS = 5_000;

/** A running wrangler. What it says is kept back until `show` is called. */
export interface Wrangler {
  output(): string;
  /** Passes on what it says from now on. */
  show(): void;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Ends it with all that it started. */
  stop(): Promise<void>;
}

/** Runs wrangler in a process group of its own, since it starts others that must end with it. */
export function runWrangler(args: string[]): Wrangler {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, FORCE_COLOR: "0", WRANGLER_SEND_METRICS: "false" },
  });
  let output = "";
  let shown = false;
  const collect = (chunk: Buffer) => {
    if (shown) process.stdout.write(chunk);
    else output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = once(child, "close").then(
    ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? 1,
  );

  return {
    output: () => output,
    show: () => {
      shown = true;
      output = "";
    },
    ended,
    async stop() {
      killGroup(child.pid, "SIGTERM");
      const impatience = setTimeout(() => killGroup(child.pid, "SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(impatience);
      killGroup(child.pid, "SIGKILL");
    },
  };
}

function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: all of them have ended.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
