import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { walk } from "../../cli/completion-script";
import { EXIT } from "../../cli/exit-codes";
import { buildProgram } from "../../cli/program";

const page = readFileSync("docs/cli.md", "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| "));
const program = buildProgram({ version: "0", session: () => expect.fail("no command runs") });
const commands = walk(program).filter(({ command }) => command.commands.length === 0);

it.each(commands)("tells of $path and of its options", ({ path, command }) => {
  // The completion has no table: it has no option.
  const row = rows.find((line) => new RegExp(`^\\| \`${path}( <[^>]+>)?\` \\|`).test(line)) ?? page;
  expect(row).toContain(`\`${path}`);
  for (const { long } of command.options) expect(row).toMatch(new RegExp(`\`${long}[\` ]`));
});

it("tells of the options that every command takes", () => {
  for (const { long } of program.options)
    expect(page).toMatch(new RegExp(`^\\| .*\`${long}[\` ]`, "m"));
});

it("tells what the program ends with", () => {
  const [, table = ""] = page.split("### How it ends");
  const codes = [...table.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(EXIT));
});
