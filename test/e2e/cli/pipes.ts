import { expect, it } from "vitest";
import { cliOf, inBash } from "../support/cli";
import { givenAccount } from "../support/given-account";

it.concurrent("ends quietly when its reader has enough", async () => {
  const acme = await givenAccount();
  await Promise.all(Array.from({ length: 30 }, () => acme.givenSim()));
  for (const command of ["sims list --json", "sims export", "sims list"]) {
    const script = `simplane ${command} | head -1 | wc -l; echo "$\{PIPESTATUS[0]}"`;
    expect(await inBash(acme.key, script)).toEqual({ code: 0, stdout: "1\n0\n", stderr: "" });
  }
});

it.concurrent("says that its output cannot be written", async () => {
  const acme = await givenAccount();
  expect(await inBash(acme.key, "simplane sims list > /dev/full")).toEqual({
    code: 1,
    stdout: "",
    stderr: "simplane: The output cannot be written (ENOSPC).\n",
  });
});

it.concurrent("has colours in a pipe only where it is told to", async () => {
  const acme = await givenAccount();
  await acme.givenSim();
  expect(await cliOf(acme, { FORCE_COLOR: "1" }).output("sims", "list")).toContain("\u001b[2mID ");
  const neither = cliOf(acme, { FORCE_COLOR: "1", NO_COLOR: "1" });
  expect(await neither.output("sims", "list")).not.toContain("\u001b");
});

it.concurrent("completes commands in a shell that loaded its script", async () => {
  const acme = await givenAccount();
  const script = `source <(simplane completion bash)
COMP_WORDS=(simplane webhooks "") COMP_CWORD=2
_simplane
echo "$\{COMPREPLY[@]}"`;
  expect(await inBash(acme.key, script)).toEqual({
    code: 0,
    stdout: "list test replay create update delete deliveries listen\n",
    stderr: "",
  });
  expect(await cliOf(acme).output("completion", "bash")).toContain("complete -o default -F");
  expect(await cliOf(acme).output("completion", "zsh")).toContain("bashcompinit");
});

it.concurrent("shows what is typed by others without its control characters", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  // What a terminal would turn around; control characters no label may have.
  const id = await acme.givenSim({ alias: "drone\u202e1\u2028" });
  expect(await cli.output("sims", "get", id)).toContain(String.raw`drone\u202e1\u2028`);
  expect(await cli.output("sims", "list")).toContain(String.raw`drone\u202e1\u2028`);
  expect(await cli.json("sims", "get", id)).toMatchObject([{ label: "drone\u202e1\u2028" }]);
});
