import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { resolve } from "node:path";
import { afterAll } from "vitest";
import { eventually } from "../support/receiver";

/** What a command leaves to the next one: variables, exported or not as the guide has them, and functions. */
const KEPT = `{ declare -p | grep -v "^declare -[a-zA-Z]*r"; declare -f; }`;

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) end(child);
});

/** A command that goes on beside the others. */
export interface Running {
  printed(): string;
  end(): Promise<void>;
}

/** A reader's terminal in a folder: each command sees what those before it exported. */
export async function openTerminal(folder: string, exported = "") {
  const state = resolve(folder, "state");
  await writeFile(state, exported);
  const prelude = `set -eo pipefail; . ${state}; trap '${KEPT} > ${state}' EXIT`;

  return {
    /** What the command prints. Throws when it ends with another status than 0. */
    async run(command: string): Promise<string> {
      const child = start(folder, `${prelude}\n${command}`);
      let printed = "";
      let complaints = "";
      child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
      await once(child, "close");
      running.delete(child);
      if (child.exitCode === 0) return printed;
      throw new Error(`${command} ended with ${child.exitCode}:\n${printed}${complaints}`);
    },
    /** Runs a command beside the others, in a terminal that knows nothing of this one, until it listens on the port. */
    async listen(command: string, port: number): Promise<Running> {
      const child = start(folder, command);
      let printed = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await eventually(() => connects(port));
      return {
        printed: () => printed,
        async end(): Promise<void> {
          end(child);
          await once(child, "close");
        },
      };
    },
  };
}

function start(folder: string, script: string) {
  // A process group of its own, so that what it starts ends with it.
  const child = spawn("bash", ["-c", script], {
    cwd: folder,
    detached: true,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  return child;
}

function end(child: ChildProcess): void {
  running.delete(child);
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
}

async function connects(port: number): Promise<void> {
  const socket = createConnection({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.destroy();
}
