import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const WRANGLER = "node_modules/.bin/wrangler";
const START_MS = 120_000;
const STOP_MS = 5_000;

/** The development server that all tests of a run share. */
export interface Server {
  url: string;
  operatorKey: string;
  encryptionKey: string;
  /** All that it writes: its storage and its logs. */
  folder: string;
  /** What it prints. */
  log: string;
}

declare module "vitest" {
  interface ProvidedContext {
    server: Server;
  }
}

/** Starts a server with a database of its own; answers what stops it and takes its folder away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "simplane-e2e-"));
  const storage = join(folder, "storage");
  const env = {
    ...process.env,
    NO_COLOR: "1",
    NODE_ENV: "development",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(folder, "wrangler-log"),
    WRANGLER_REGISTRY_PATH: join(folder, "registry"),
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
  const port = await freePort();
  const server: Server = {
    url: `http://127.0.0.1:${port}`,
    operatorKey: randomBytes(24).toString("hex"),
    encryptionKey: randomBytes(32).toString("base64"),
    folder,
    log: join(folder, "server.log"),
  };
  const migrate = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", storage];
  await promisify(execFile)(WRANGLER, migrate, { env });
  const listen = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
  const variables = [
    `OPERATOR_KEY:${server.operatorKey}`,
    `ENCRYPTION_KEY:${server.encryptionKey}`,
    "ALLOW_INSECURE_WEBHOOKS:true",
    "RATE_LIMIT_PER_MINUTE:100000",
    "SIM_REGISTRATION:open",
    // The samples of the specification are of 2018.
    "USAGE_DAYS:36500",
    "NETWORK_LOG_DAYS:36500",
  ].flatMap((variable) => ["--var", variable]);
  const args = ["dev", ...listen, "--persist-to", storage, ...variables];
  // A process group of its own, so that what wrangler starts ends with it.
  const child = spawn(WRANGLER, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(server.log);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const killNow = () => void signalGroup(child, "SIGKILL");
  process.once("exit", killNow);
  const stop = async () => {
    await stopGroup(child);
    process.off("exit", killNow);
    log.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answering(server, child);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("server", server);
  return stop;
}

async function answering({ url, log }: Server, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until && child.exitCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.status === 401) return;
    await sleep(100);
  }
  throw new Error(`the server does not answer:\n${await readFile(log, "utf8")}`);
}

async function stopGroup(child: ChildProcess): Promise<void> {
  signalGroup(child, "SIGTERM");
  const until = Date.now() + STOP_MS;
  // 0 only asks whether any process of the group is left.
  while (signalGroup(child, 0) && Date.now() < until) await sleep(50);
  signalGroup(child, "SIGKILL");
}

/** Whether there was a process to signal. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
