import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { cliOf, objectsIn } from "../support/cli";
import { givenAccount, newSimId } from "../support/given-account";

async function givenFile(name: string, content: string): Promise<string> {
  const file = join(inject("server").folder, `${newSimId()}-${name}`);
  await writeFile(file, content);
  return file;
}

it.concurrent("imports SIMs, says what failed on which line, and may be repeated", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const [there, fresh, wrong] = [await acme.givenSim(), newSimId(), newSimId()];
  await acme.call("POST", "/tags", { name: "drones" });
  const file = await givenFile(
    "sims.csv",
    `id,label,active,tags
${there},boat,false,drones
${fresh},"ant, the small one",true,drones
${wrong},x,true,boats
${fresh},again,true,
12,y,true,
`,
  );
  const failures = [
    { line: 4, id: wrong, result: "failed", error: "tag_not_found" },
    { line: 5, id: fresh, result: "failed", error: "id_repeated" },
    { line: 6, id: "12", result: "failed", error: "id_zeros_lost" },
  ];
  const run = async (...args: string[]) => {
    const { code, stdout } = await cli.run("sims", "import", file, "--json", ...args);
    expect(code).toBe(5);
    return objectsIn(stdout);
  };

  const foretold = { made: 1, set: 1, failed: 3, dry_run: true };
  expect(await run("--dry-run")).toEqual([...failures, foretold]);
  expect(await cli.json("sims", "list", "--filter", "activated:false")).toEqual([]);

  expect(await run()).toEqual([...failures, { made: 1, set: 1, failed: 3, dry_run: false }]);
  expect(await cli.json("sims", "get", fresh)).toMatchObject([
    { label: "ant, the small one", activated: true, tags: [{ name: "drones" }] },
  ]);
  expect(await cli.json("sims", "get", there)).toMatchObject([{ label: "boat", activated: false }]);

  expect(await run()).toEqual([...failures, { made: 0, set: 2, failed: 3, dry_run: false }]);
});

it.concurrent("tells a person what an import came to", async () => {
  const acme = await givenAccount();
  const [id, foreign] = [newSimId(), await (await givenAccount()).givenSim()];
  const { code, stdout, stderr } = await cliOf(acme).runWith(
    `id,alias\n${id},boat\n${foreign},ship\n`,
    "sims",
    "import",
    "-",
  );
  expect(code).toBe(5);
  expect(stdout).toBe(
    `line 3: ${foreign} id_forbidden: The SIM's id belongs to another account, or was not issued to this one.
1 made, 0 set, 1 failed
`,
  );
  expect(stderr).toBe("simplane: 1 of 2 lines failed.\n");
});

it.concurrent("exports what it imports", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  await acme.givenSim({ alias: '=HYPERLINK("https://example.com")' });
  const second = await acme.givenSim({ alias: "'quoted', \"twice\"" });
  const tags = await Promise.all(
    ["drones", "a;b"].map((name) => acme.call("POST", "/tags", { name })),
  );
  const ids = tags.map(({ text }) => String(objectsIn(text)[0]?.["id"]));
  await acme.call("PATCH", `/sims/${second}`, {
    tags: ids,
    data_limit: { total: 700_000, alert_threshold: 600_000 },
  });
  const before = await cli.json("sims", "list");

  const csv = await cli.output("sims", "export");
  expect(csv).toContain(`"'=HYPERLINK(""https://example.com"")"`);
  const ndjson = await cli.output("sims", "export", "--json");
  expect(objectsIn(ndjson)).toEqual(before);
  for (const file of [await givenFile("a.csv", csv), await givenFile("a.ndjson", ndjson)]) {
    for (const { id } of before) {
      const cleared = {
        label: null,
        tags: [],
        data_limit: { total: 500_000, alert_threshold: null },
      };
      await acme.call("PATCH", `/sims/${String(id)}`, cleared);
    }
    expect(await cli.json("sims", "import", file)).toEqual([
      { made: 0, set: 2, failed: 0, dry_run: false },
    ]);
    expect(await cli.json("sims", "list")).toEqual(before);
  }
  expect(await cli.output("sims", "import", await givenFile("b.csv", csv))).toBe(
    "0 made, 2 set, 0 failed\n",
  );
});

it.concurrent("imports more than a call takes", async () => {
  const acme = await givenAccount();
  const [first, last] = [await acme.givenSim(), await acme.givenSim()];
  // None of them is an id, so that none is a call of its own.
  const between = Array.from({ length: 1_100 }, (_, at) => `x${at},SIM ${at}`);
  const csv = ["id,label", `${first},first`, ...between, `${last},last`].join("\n");
  const { stdout } = await cliOf(acme).runWith(csv, "sims", "import", "-", "--json");
  const said = objectsIn(stdout);
  expect(said.slice(0, -1).map(({ line }) => line)).toEqual(between.map((_, at) => at + 3));
  expect(said.at(-1)).toEqual({ made: 0, set: 2, failed: 1_100, dry_run: false });
});

it.concurrent("tells how many lines are done when the file ends it early", async () => {
  const acme = await givenAccount();
  const cli = cliOf(acme);
  const id = await acme.givenSim();
  // Refused lines, so that nothing has to be made; a call takes a thousand.
  const many = Array.from({ length: 1_000 }, () => "12,x");
  const text = ["id,label", `${id},boat`, ...many, `${id},"a"b`].join("\n");
  const { code, stdout, stderr } = await cli.runWith(text, "sims", "import", "-", "--json");
  expect(code).toBe(2);
  expect(objectsIn(stdout).at(-1)).toEqual({ made: 0, set: 1, failed: 999, dry_run: false });
  expect(objectsIn(stderr)).toMatchObject([{ error: "usage_invalid" }]);
  expect(await cli.json("sims", "get", id)).toMatchObject([{ label: "boat" }]);
  const unnamed = await cli.runWith("sim;label\n", "sims", "import", "-");
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('no column "sim"')]);
});
