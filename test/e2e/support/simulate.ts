import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import { type Answer, request } from "./request";

export interface Ran {
  code: number | null;
  out: string;
  errors: string;
}

/**
 * Runs `npm run simulate` with these arguments against the tests' server, as somebody types it. A run that makes SIMs
 * names its `--seed`, one of its own: a drawn one would leave to chance what a test sees.
 */
export async function simulate(given: string[], { interruptAfter }: Interrupt = {}): Promise<Ran> {
  const { url, operatorKey } = inject("server");
  const own = ["--url", url];
  const child = spawn("node_modules/.bin/tsx", ["scripts/simulate.ts", ...own, ...given], {
    env: { ...process.env, OPERATOR_KEY: operatorKey },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let interrupted = false;
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    // Once: a second one ends the run without its summary.
    if (interrupted || !interruptAfter?.test(said)) return;
    interrupted = true;
    child.kill("SIGINT");
  });
  const [out, errors] = [text(child.stdout), text(child.stderr)];
  await once(child, "close");
  return { code: child.exitCode, out: await out, errors: await errors };
}

interface Interrupt {
  /** What it has said when it is told to end. */
  interruptAfter?: RegExp;
}

/** What a run printed of its account: its id, and ways to ask the API as it. */
export function groundOf({ out, errors }: Ran) {
  const [, account] = / account +(\S+)/.exec(out) ?? [];
  const [, key] = / key +(sp_\w+)/.exec(out) ?? [];
  if (!account || !key) throw new Error(`there is no account in\n${out}\n${errors}`);
  const call = (path: string): Promise<Answer> =>
    request("GET", path, undefined, { authorization: key });
  return { account, key, call, looks: looksIn(out) };
}

/** The calls that it printed to paste, by what they are said to show. */
function looksIn(out: string): { at: string; path: string }[] {
  return [...out.matchAll(/^ {2}# (.+)\n {2}curl .* '(http\S+)'$/gm)].map(
    ([, at = "", url = ""]) => {
      const { pathname, search } = new URL(url);
      return { at, path: pathname + search };
    },
  );
}

/** The number that a line of the summary begins with. */
export function numberIn({ out }: Ran, name: string): number {
  const [, count = "NaN"] = new RegExp(`${name} +([0-9,]+)`).exec(out) ?? [];
  return Number(count.replaceAll(",", ""));
}
