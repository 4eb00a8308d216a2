import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { inBash } from "../support/cli";
import { givenAccount, newSimId } from "../support/given-account";

/** What the page says to run, in its order. Blocks of `bash` are left out: they change the shell's own settings. */
async function documentedScript(): Promise<string> {
  const page = await readFile("docs/cli.md", "utf8");
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks.join("\n");
}

it.concurrent("does what docs/cli.md says to type", async () => {
  const acme = await givenAccount();
  const ids = { "192837465": newSimId(), "192837466": newSimId(), "192837467": newSimId() };
  const known = { "100000001": await acme.givenSim() };
  let script = await documentedScript();
  for (const [documented, id] of Object.entries({ ...ids, ...known }))
    script = script.replaceAll(documented, id);
  const folder = await mkdtemp(join(inject("server").folder, "documented-"));

  // Each command notes what it ended with; Ctrl-C comes once what goes on until then says that it waits.
  const { stderr, code } = await inBash(
    acme.key,
    `cd "${folder}"
npx() {
  shift
  case "$1 $2" in
    "events tail" | "webhooks listen")
      : > said
      "\${SIMPLANE[@]}" "$@" >> said 2>&1 &
      until grep -qE '^(Waiting|Listening)' said || ! kill -0 $!; do sleep 0.1; done
      kill -INT $!
      wait $!
      ;;
    *) simplane "$@" ;;
  esac
  echo "$? $*" >> ended
}
${script}`,
  );

  expect(code).toBe(0);
  const ended = (await readFile(join(folder, "ended"), "utf8")).trimEnd().split("\n");
  const refused = ended.filter((line) => !line.startsWith("0 "));
  expect(refused).toEqual([
    "1 sims get 000000001",
    "1 sims get 000000001 --json",
    "2 sims lits",
    "5 sims import sims.csv --dry-run",
    "5 sims import sims.csv",
    "5 sims import sims.csv --json",
    "5 events send --file - --json",
  ]);
  expect(ended.length).toBeGreaterThan(20);
  expect(stderr).toContain("(Did you mean list?)");
});
