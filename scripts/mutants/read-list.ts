import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One text of one source file, replaced by another that should make a test fail. */
export interface Mutant {
  /** From the repository's root. */
  file: string;
  from: string;
  to: string;
  /** Files or folders of tests that should notice; they run first. */
  tests: string[];
}

/**
 * Reads every `*.txt` of a folder. A line `src/FILE  TESTS ...` names a source file and its tests; below it each
 * mutant is a line `- text` and a line `+ text` (`+` alone: nothing). Blank lines and lines that begin with `#` are comments.
 * Throws where a line fits neither.
 */
export function readMutants(folder: string): Mutant[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return names.toSorted().flatMap((name) => parseMutants(readFileSync(join(folder, name), "utf8")));
}

/** The mutants of one list, as {@link readMutants} describes it. */
function parseMutants(list: string): Mutant[] {
  const mutants: Mutant[] = [];
  let file = "";
  let tests: string[] = [];
  let from: string | undefined;
  for (const line of list.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, mark, text = ""] = /^([-+])(?: (.*))?$/.exec(line) ?? [];
    if (mark === "-" && from === undefined) from = text;
    else if (mark === "+" && from !== undefined) {
      mutants.push({ file, from, to: text, tests });
      from = undefined;
    } else if (line.startsWith("src/") && from === undefined) {
      [file = "", ...tests] = line.split(/\s+/);
    } else throw new Error(`not a line of a list of mutants: ${line}`);
  }
  return mutants;
}

/** How often `from` stands in its file. Only a mutant that stands there once can be applied. */
export function occurrences({ file, from }: Mutant): number {
  return readFileSync(file, "utf8").split(from).length - 1;
}
