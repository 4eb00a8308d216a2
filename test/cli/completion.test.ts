import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { completionScript } from "../../cli/completion-script";
import { buildProgram } from "../../cli/program";

const program = buildProgram({ version: "0", session: () => expect.fail("no command runs") });

/** What bash offers at the end of the words. */
function offered(...words: string[]): string[] {
  const script = `
set -u
${completionScript(program, "bash")}
${completionScript(program, "bash")}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_simplane
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["-c", script, "bash", "simplane", ...words], {
    encoding: "utf8",
  });
  return out.split("\n").filter(Boolean);
}

describe("completion in bash", () => {
  it("offers the commands", () => {
    expect(offered("")).toEqual(program.commands.map((command) => command.name()));
    expect(offered("sims", "ex")).toEqual(["export"]);
  });

  it("offers a command's options, and those of all", () => {
    expect(offered("sims", "list", "--")).toEqual([
      "--filter",
      "--sort",
      "--limit",
      "--url",
      "--key",
      "--operator-key",
      "--json",
      "--version",
      "--help",
    ]);
  });

  it("knows which option takes a value", () => {
    expect(offered("--url", "sims", "--json", "webhooks", "l")).toEqual(["list", "listen"]);
    expect(offered("usage", "--by", "mo")).toEqual(["months"]);
    expect(offered("completion", "")).toEqual(["bash", "zsh"]);
  });

  it("leaves files to the shell where a file is asked for", () => {
    expect(offered("sims", "import", "")).toEqual([]);
  });

  it("runs nothing that is typed", () => {
    const folder = mkdtempSync(join(tmpdir(), "simplane-cli-"));
    const file = join(folder, "made");
    offered("sims", `$(touch ${file})`, `\`touch ${file}\``, `"; touch ${file}; "`, "");
    expect(existsSync(file)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
