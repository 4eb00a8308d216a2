import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { walk } from "../../../cli/completion-script";
import { buildProgram } from "../../../cli/program";
import { bundleCli } from "../../../scripts/bundle-cli";
import { eventually } from "./receiver";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Variables = Record<string, string>;

const program = buildProgram({ version: "0", session: () => expect.fail("no command runs here") });

/** The commands that do something, by their names. */
export const COMMANDS = walk(program)
  .filter(({ command }) => command.commands.length === 0)
  .map(({ path }) => path);

/** Those that ran and ended well, with ` --json` behind where they did so for a program. */
export const ran = new Set<string>();

const file = () => join(inject("server").folder, "simplane.js");
const running = new Set<ChildProcess>();

beforeAll(() => bundleCli(file()));
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** The program with the keys of an account and of the operator in its environment. */
export function cliOf({ key }: { key: string }, variables: Variables = {}) {
  const { url, operatorKey, folder } = inject("server");
  const env = {
    PATH: process.env["PATH"] ?? "",
    SIMPLANE_URL: url,
    SIMPLANE_KEY: key,
    SIMPLANE_OPERATOR_KEY: operatorKey,
    ...variables,
  };

  function begin(args: readonly string[], input = "") {
    const child = spawn(process.execPath, [file(), ...args], { env, cwd: folder });
    running.add(child);
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.stderr += chunk));
    child.stdin.end(input);
    const ended = once(child, "close").then((): Ended => {
      running.delete(child);
      const result = { code: child.exitCode, ...output };
      checkQuiet(result);
      if (result.code === 0) note(args);
      return result;
    });
    return { child, output, ended };
  }

  /** What holds of all that it says: no key, and in a pipe no colour. */
  function checkQuiet({ stdout, stderr }: Ended): void {
    for (const said of [stdout, stderr]) {
      expect(said).not.toContain(key);
      expect(said).not.toContain(operatorKey);
      if (!("FORCE_COLOR" in variables)) expect(said).not.toContain("\u001b");
    }
  }

  const run = (...args: string[]): Promise<Ended> => begin(args).ended;
  /** What it says; throws where it did not end well. */
  const output = async (...args: string[]): Promise<string> => wellEnded(await run(...args));

  return {
    run,
    output,
    /** The objects that it says with --json. */
    async json(...args: string[]): Promise<Record<string, unknown>[]> {
      return objectsIn(await output(...args, "--json"));
    },
    runWith: (input: string, ...args: string[]): Promise<Ended> => begin(args, input).ended,
    /** A command that goes on until it is interrupted. */
    start(...args: string[]) {
      const { child, output: soFar, ended } = begin(args);
      return {
        stdoutHas: (piece: string) => eventually(() => expect(soFar.stdout).toContain(piece)),
        stderrHas: (piece: string) => eventually(() => expect(soFar.stderr).toContain(piece)),
        soFar,
        interrupt: (): Promise<Ended> => {
          child.kill("SIGINT");
          return ended;
        },
      };
    },
  };
}

export function objectsIn(lines: string): Record<string, unknown>[] {
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** Bash with the program as `simplane`, and as words in `SIMPLANE`. */
export async function inBash(key: string, script: string): Promise<Ended> {
  const { url, operatorKey } = inject("server");
  const env = {
    PATH: process.env["PATH"] ?? "",
    SIMPLANE_URL: url,
    SIMPLANE_KEY: key,
    SIMPLANE_OPERATOR_KEY: operatorKey,
  };
  const begin = `SIMPLANE=("${process.execPath}" "${file()}")
simplane() { "\${SIMPLANE[@]}" "$@"; }
`;
  const child = spawn("bash", ["--norc", "-c", begin + script], { env });
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode ?? once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

function wellEnded({ code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return stdout;
}

function note(args: readonly string[]): void {
  const path = COMMANDS.find((command) => `${args.join(" ")} `.startsWith(`${command} `));
  if (path !== undefined) ran.add(args.includes("--json") ? `${path} --json` : path);
}
