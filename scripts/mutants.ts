/**
 * Applies each mutant of the lists in `test/mutants`, one at a time, and runs the tests in workerd until one fails: first
 * those that the list names, in its order, then all. Prints the mutants that no test noticed, and ends with 1 where they are
 * more than 5 % of all.
 *
 *     npm run mutants                          all of them (an hour or more)
 *     npm run mutants -- src/webhooks ...      those of these files
 *     npm run mutants -- --named               only the tests that the list names
 *     npm run mutants -- --check               only whether each mutant's text stands once in its file
 */
import { parseArgs } from "node:util";
import { type Mutant, occurrences, readMutants } from "./mutants/read-list";
import { startTests } from "./mutants/run-tests";

const ALLOWED = 0.05;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { named: { type: "boolean" }, check: { type: "boolean" } },
});

const listed = readMutants("test/mutants");
const stale = listed.filter((mutant) => occurrences(mutant) !== 1);
for (const mutant of stale) console.error(`not once in its file: ${shown(mutant)}`);
if (stale.length > 0) process.exit(1);
if (values.check) process.exit(0);

const mutants = listed.filter(
  ({ file }) => positionals.length === 0 || positionals.some((start) => file.startsWith(start)),
);
const tests = await startTests();
const survivors: Mutant[] = [];
for (const [index, mutant] of mutants.entries()) {
  let failure: string | undefined;
  for (const files of [...mutant.tests.map((one) => [one]), ...(values.named ? [] : [[]])])
    failure ??= await tests.failure(mutant, files);
  if (failure === undefined) survivors.push(mutant);
  const outcome = failure === undefined ? "SURVIVED" : `noticed by "${failure}"`;
  console.log(`${index + 1}/${mutants.length} ${shown(mutant)}: ${outcome}`);
}
await tests.close();

for (const mutant of survivors) console.log(`survived: ${shown(mutant)}`);
console.log(`${survivors.length} of ${mutants.length} mutants survived`);
process.exitCode = survivors.length > mutants.length * ALLOWED ? 1 : 0;

function shown({ file, from, to }: Mutant): string {
  return `${file}: ${from.trim()} -> ${to.trim() || "(nothing)"}`;
}
