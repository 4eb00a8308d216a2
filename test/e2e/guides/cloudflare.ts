import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import * as z from "zod";

const Package = z.object({ scripts: z.record(z.string(), z.string()) });

/** The words behind `wrangler` in each line that runs it, by its name or by a script of the package. */
export async function wranglerCallsIn(shell: string): Promise<string[][]> {
  const { scripts } = Package.parse(JSON.parse(await readFile("package.json", "utf8")));
  const asScript = (_: string, name: string) => scripts[name] ?? "";
  return shell.split("\n").flatMap((line) => {
    const words = /\bwrangler ([^#]+)/.exec(line.replace(/npm run (\S+)/, asScript))?.[1];
    return words === undefined ? [] : [words.trim().split(" ")];
  });
}

/** What wrangler's own help has against a call; undefined where it would take it. */
export async function faultOf(words: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" };
  const asked = [...words, "--help"];
  const help = await promisify(execFile)("node_modules/.bin/wrangler", asked, { env });
  // Its first line: the words of the longest command that it knows of these, and its arguments.
  const [, ...usage] = help.stdout.trimStart().split("\n")[0]?.split(" ") ?? [];
  const fixed = usage.filter((word) => /^[a-z]/.test(word));
  const plain = words.filter((word) => !word.startsWith("-"));
  const call = `wrangler ${words.join(" ")}`;
  if (fixed.join(" ") !== plain.slice(0, fixed.length).join(" ")) return `${call}: no command`;
  if (plain.length > usage.length) return `${call}: ${plain[fixed.length]} is too much`;
  const options = words.filter((word) => word.startsWith("--"));
  const unknown = options.find((option) => !help.stdout.includes(option.split("=")[0] ?? ""));
  return unknown && `${call}: no ${unknown}`;
}
