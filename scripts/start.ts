import { join } from "node:path";
import { ensureDevVars } from "./start/dev-vars";
import { demoAccount } from "./start/demo-account";
import { HELP } from "./start/help";
import { isMigrated, noteMigrated } from "./start/migrated";
import { readOptions } from "./start/options";
import { isTaken } from "./start/port";
import { ROOT, runWrangler, type Wrangler } from "./start/wrangler";
import { untilReady } from "./start/ready";
import { untilGone } from "./start/watch";
import { welcome } from "./start/welcome";

let running: Wrangler | undefined;
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    stopping = true;
    void (running?.stop() ?? Promise.resolve()).then(() => process.exit(0));
  });

try {
  await start();
} catch (error) {
  // What fails because it is being ended is no failure.
  if (!stopping) await fail(error);
}

async function start(): Promise<void> {
  const { port, persistTo, vars, rest, help } = readOptions(process.argv.slice(2));
  if (help) return console.log(HELP);
  if (await isTaken(port))
    throw new Error(
      `Port ${port} is taken: end what listens there, or choose another one with \`npm start -- --port ${port + 1}\`.`,
    );
  const secrets = { ...ensureDevVars(join(ROOT, ".dev.vars")), ...vars };
  const operatorKey = secrets["OPERATOR_KEY"];
  if (!operatorKey) throw new Error("OPERATOR_KEY is neither in .dev.vars nor given with --var.");

  const where = ["--persist-to", persistTo];
  if (!isMigrated(persistTo)) {
    console.log("Applying the migrations to the local database ...");
    running = runWrangler(["d1", "migrations", "apply", "DB", "--local", ...where]);
    if ((await running.ended) !== 0) throw new Error("The migrations could not be applied.");
    noteMigrated(persistTo);
  }
  // Nothing may be started any more that nobody would end.
  if (stopping) return;

  console.log("Starting the development server ...");
  // One team tries it here: any free SIM id may be made.
  const open = secrets["SIM_REGISTRATION"] ? [] : ["--var", "SIM_REGISTRATION:open"];
  running = runWrangler(["dev", "--port", String(port), ...where, ...open, ...rest]);
  const url = await untilReady(running);
  const demo = await demoAccount(url, operatorKey, persistTo, Date.now());
  console.log(welcome(url, demo, operatorKey));

  running.show();
  const watched = new AbortController();
  const gone = untilGone(url, watched).then(
    () => "its runtime has ended, and wrangler does not start it again",
    () => undefined,
  );
  const ended = running.ended.then((code) => `it ended by itself (${code})`);
  const why = await Promise.race([ended, gone]);
  watched.abort();
  if (!stopping) throw new Error(`The development server does not answer: ${why}. Start it again.`);
}

async function fail(error: unknown): Promise<void> {
  await running?.stop();
  const output = running?.output();
  if (output) console.error(output);
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
