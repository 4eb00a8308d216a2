import { expect, inject, it } from "vitest";
import { cliOf, objectsIn } from "../support/cli";
import { givenAccount } from "../support/given-account";

it.concurrent("says what the server refused, where that is explained, and the request's id", async () => {
  const cli = cliOf(await givenAccount());
  const { url } = inject("server");
  const { code, stdout, stderr } = await cli.run("sims", "get", "000000001");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^simplane: The account has no such SIM. \(sim_not_found\)\n/);
  expect(stderr).toContain(`\n  ${url}/docs#sim_not_found\n  request `);

  const forPrograms = await cli.run("sims", "get", "000000001", "--json");
  expect(objectsIn(forPrograms.stderr)).toEqual([
    {
      error: "sim_not_found",
      message: "The account has no such SIM.",
      status: 404,
      docs: `${url}/docs#sim_not_found`,
      request_id: expect.any(String),
    },
  ]);
});

it.concurrent("ends with 4 where the key is refused, missing, or may not do it", async () => {
  const acme = await givenAccount();
  const unknown = await cliOf({ key: "sp_unknown" }).run("sims", "list");
  expect(unknown).toMatchObject({ code: 4 });
  expect(unknown.stderr).toContain("(unauthorized)");
  const missing = await cliOf(acme, { SIMPLANE_KEY: "" }).run("sims", "list");
  expect(missing).toMatchObject({ code: 4 });
  expect(missing.stderr).toContain("set SIMPLANE_KEY");
  const swapped = await cliOf(acme, { SIMPLANE_OPERATOR_KEY: acme.key }).run("accounts", "list");
  expect(swapped).toMatchObject({ code: 4 });
  expect(swapped.stderr).toContain("(operator_only)");
});

it.concurrent("ends with 3 where no server is", async () => {
  const nowhere = cliOf(await givenAccount(), { SIMPLANE_URL: "http://127.0.0.1:9998" });
  const { code, stderr } = await nowhere.run("sims", "list");
  expect(code).toBe(3);
  expect(stderr).toBe(
    "simplane: No server answers at http://127.0.0.1:9998 (ECONNREFUSED). Does it run, and is SIMPLANE_URL (or --url) right?\n",
  );
});

it.concurrent("ends with 2 where the command line is wrong, and says what may have been meant", async () => {
  const cli = cliOf(await givenAccount());
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await cli.run(...args);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await wrong("simz")).toContain("(Did you mean sims?)");
  expect(await wrong("sims", "lst")).toContain("(Did you mean list?)");
  expect(await wrong("sims", "list", "--srot", "id")).toContain("(Did you mean --sort?)");
  expect(await wrong("usage", "--by", "weeks")).toContain("Allowed choices are hours, days");
  expect(await wrong("usage", "--period", "2026-13")).toContain("like 2026, 2026-11");
  const twice = ["--filter", "tag:a", "--filter", "tag:b"];
  expect(await wrong("sims", "list", ...twice)).toContain("tag is there twice");
  expect(await wrong("sims", "set", "000000001")).toContain("Nothing to change");
  expect(await wrong("sims", "import", "/none")).toContain("/none cannot be read (ENOENT)");
  expect(await wrong()).toContain("Usage: simplane");
});

it.concurrent("tells no key, wherever it was written", async () => {
  const acme = await givenAccount();
  // What is said is looked through for the key by `cliOf`.
  const cli = cliOf(acme);
  for (const args of [
    [`--kee=${acme.key}`, "sims", "list"],
    [`--operator-kee=${inject("server").operatorKey}`, "sims", "list"],
    ["--key", `${acme.key}\u00e9`, "sims", "list"],
    ["sims", acme.key],
    ["--url", `https://x:${acme.key}@example.com`, "sims", "list"],
    ["--url", `${acme.key}://`, "sims", "list"],
  ])
    expect((await cli.run(...args)).code).toBeGreaterThan(1);
});
