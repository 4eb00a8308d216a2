import { randomInt } from "node:crypto";
import { happenings } from "./simulate/fleet";
import { told } from "./simulate/failure";
import { HELP } from "./simulate/help";
import { operatorKey } from "./simulate/operator-key";
import { type Options, readOptions } from "./simulate/options";
import { progressOn } from "./simulate/progress";
import { linesOf, planOf, run } from "./simulate/run";

const INTERRUPTED = 130;
const stop = new AbortController();

// The first ends the run with its summary; the second ends it as it is.
process.once("SIGINT", () => {
  stop.abort();
  process.once("SIGINT", () => process.exit(INTERRUPTED));
});

const progress = progressOn(process.stderr);
let url = "";
try {
  const options = readOptions(process.argv.slice(2), Date.now(), randomInt(1_000_000));
  ({ url } = options);
  await simulate(options);
} catch (error) {
  progress.end();
  const { text, code } = told(error, url);
  console.error(text);
  process.exitCode = code;
}

async function simulate(options: Options): Promise<void> {
  if (options.help) return console.log(HELP);
  if (options.print) return print(options);
  const key = operatorKey(options.operatorKey);
  const { text, well, failure } = await run(options, key, { progress, signal: stop.signal });
  progress.end();
  console.log(text);
  if (failure !== undefined) throw failure;
  process.exitCode = stop.signal.aborted ? INTERRUPTED : Number(!well);
}

async function print(options: Options): Promise<void> {
  // Whoever reads may have read enough.
  process.stdout.on("error", () => process.exit());
  for (const happening of happenings(planOf(options))) {
    if (stop.signal.aborted) return;
    if (!process.stdout.write(linesOf([happening])))
      await new Promise((go) => process.stdout.once("drain", go));
  }
}
