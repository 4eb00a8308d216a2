/**
 * Applies each mutant of the lists in `test/mutants`, one at a time, and runs the tests in workerd until one fails: first
 * those that the list names, in its order, then all. Prints the mutants that no test noticed, and those with which a module
 * does not load: these are broken. Ends with 1 where one is broken, or more than 5 % of all are not noticed.
 *
 *     npm run mutants                          all of them (an hour or more)
 *     npm run mutants -- src/webhooks ...      those of these files
 *     npm run mutants -- --named               only the tests that the list names
 *     npm run mutants -- --check               only whether each mutant's text stands once in its file
 */
import { parseArgs } from "node:util";
import { type Mutant, occurrences, readMutants } from "./mutants/read-list";
import { type Failure, startTests } from "./mutants/run-tests";

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
const broken: Mutant[] = [];
for (const [index, mutant] of mutants.entries()) {
  let failure: Failure | undefined;
  for (const files of [...mutant.tests.map((one) => [one]), ...(values.named ? [] : [[]])])
    failure ??= await tests.failure(mutant, files);
  if (failure === undefined) survivors.push(mutant);
  if (failure?.kind === "load") broken.push(mutant);
  console.log(`${index + 1}/${mutants.length} ${shown(mutant)}: ${outcomeOf(failure)}`);
}
await tests.close();

for (const mutant of survivors) console.log(`survived: ${shown(mutant)}`);
for (const mutant of broken) console.log(`broken: ${shown(mutant)}`);
console.log(
  `${survivors.length} of ${mutants.length} mutants survived, ${broken.length} are broken`,
);
process.exitCode = broken.length > 0 || survivors.length > mutants.length * ALLOWED ? 1 : 0;

function outcomeOf(failure: Failure | undefined): string {
  if (failure === undefined) return "SURVIVED";
  return failure.kind === "load"
    ? `BROKEN, ${failure.name} does not load`
    : `noticed by "${failure.name}"`;
}

function shown({ file, from, to }: Mutant): string {
  return `${file}: ${from.trim()} -> ${to.trim() || "(nothing)"}`;
}
