import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { everythingStored, storedIn } from "../../support/stored";

const bulk = (account: GivenAccount, changes: unknown, query = "") =>
  account.call("PATCH", `/sims/bulk${query}`, changes);

/** Three SIMs, a connector and a tag. */
async function givenFleet() {
  const acme = await givenAccount();
  const connector = await acme.givenConnector();
  const tag = await acme.givenTag("Drones");
  const [a, b, c] = [
    await acme.givenSim({ alias: "a" }),
    await acme.givenSim({ alias: "b" }),
    await acme.givenSim(),
  ];
  return { acme, connector, tag: tag.id, a, b, c };
}

/** Of each result what was changed, or the error. */
const outcomes = (answer: { json: { results: { error?: string; sim?: { label: string } }[] } }) =>
  answer.json.results.map(({ error, sim }) => error ?? sim?.label);

describe("dry_run", () => {
  it("says what the changes would come to, and makes none", async () => {
    const { acme, connector, tag, a, b, c } = await givenFleet();
    const changes = [
      { id: a, label: "first", connector, tags: [tag], data_limit: { total: 1_000_000 } },
      { id: b, label: "b", technologies: { sms: false } },
      { id: c, label: "first" },
      { id: "999999999", label: "x" },
      { id: c, activated: "no" },
      { id: a, activated: false },
    ];
    const before = await everythingStored();
    const foretold = await bulk(acme, changes, "?dry_run=true");
    expect(foretold.status).toBe(200);
    expect(await everythingStored()).toEqual(before);
    const done = await bulk(acme, changes);
    expect(foretold.json).toEqual(done.json);
    expect(outcomes(done)).toEqual([
      "first",
      "b",
      "label_conflict",
      "sim_not_found",
      "activated_invalid",
      "change_invalid",
    ]);
  });

  it("costs one round trip and writes nothing", async () => {
    const { acme, a, b } = await givenFleet();
    await acme.call("GET", "/");
    const { counts, d1 } = countingD1();
    const changes = [
      { id: a, label: "x" },
      { id: b, label: "y" },
    ];
    const options = { env: { DB: d1 } };
    await acme.call("PATCH", "/sims/bulk?dry_run=true", changes, options);
    expect(counts.roundTrips).toBe(1);
  });
});

describe("atomic", () => {
  it("makes all of the changes", async () => {
    const { acme, a, b } = await givenFleet();
    const changes = [
      { id: a, label: "x" },
      { id: b, activated: false },
    ];
    const answer = await bulk(acme, changes, "?atomic=true");
    expect(outcomes(answer)).toEqual(["x", "b"]);
    expect(answer.json.results[1].sim.activated).toBe(false);
  });

  it.each([
    [{ id: "999999999" }, "sim_not_found"],
    [{ label: "b" }, "label_conflict"],
    [{ connector: "nowhere" }, "connector_not_found"],
    [{ network_whitelist: "nowhere" }, "network_whitelist_not_found"],
    [{ tags: ["00000000-0000-4000-8000-000000000000"] }, "tag_not_found"],
    [{ activated: 1 }, "activated_invalid"],
    [{ colour: "red" }, "field_unknown"],
    [{ id: 5 }, "id_invalid"],
  ])("makes none of them for %j: %s", async (wrong, error) => {
    const { acme, a, c } = await givenFleet();
    const changes = [
      { id: a, label: "x" },
      { id: c, ...wrong },
    ];
    const before = await everythingStored();
    expect(await bulk(acme, changes, "?atomic=true")).toAnswer(409, "atomic_refused");
    expect(await everythingStored()).toEqual(before);
    const asked = await bulk(acme, changes, "?atomic=true&dry_run=true");
    expect(outcomes(asked)).toEqual(["x", error]);
    expect(await everythingStored()).toEqual(before);
  });

  it("gives one label to one of many that ask for it at once, and nothing of the others", async () => {
    const acme = await givenAccount();
    const pairs = await Promise.all(
      Array.from({ length: 10 }, async () => [await acme.givenSim(), await acme.givenSim()]),
    );
    const answers = await Promise.all(
      pairs.map(([one, two]) =>
        bulk(
          acme,
          [
            { id: one, activated: false },
            { id: two, label: "one" },
          ],
          "?atomic=true",
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const rows = await storedIn("sims");
    expect(rows.filter(({ active }) => active === 0)).toHaveLength(1);
    expect(rows.filter(({ alias }) => alias === "one")).toHaveLength(1);
  });
});

it("gives a label to the first that asks, and none that another SIM has before the call", async () => {
  const { acme, a, b, c } = await givenFleet();
  const changes = [
    { id: c, label: "a" },
    { id: a, label: "new" },
    { id: b, label: "new" },
  ];
  expect(outcomes(await bulk(acme, changes))).toEqual(["label_conflict", "new", "label_conflict"]);
  expect(outcomes(await bulk(acme, [{ id: c, label: "a" }]))).toEqual(["a"]);
});

it("gives a label to a change that can be made, whatever came before", async () => {
  const { acme, a, b } = await givenFleet();
  const changes = [
    { id: a, label: "new", connector: "nowhere" },
    { id: b, label: "new" },
  ];
  expect(outcomes(await bulk(acme, changes))).toEqual(["connector_not_found", "new"]);
});

it.each([
  ["dry_run=yes", "dry_run_invalid"],
  ["dry_run=", "dry_run_invalid"],
  ["dry_run=true&dry_run=true", "dry_run_invalid"],
  ["atomic=1", "atomic_invalid"],
  ["dryrun=true", "parameter_unknown"],
] as const)("refuses ?%s rather than make the changes", async (query, code) => {
  const { acme, a } = await givenFleet();
  expect(await bulk(acme, [{ id: a, label: "x" }], `?${query}`)).toAnswer(400, code);
  expect((await storedIn("sims")).map(({ alias }) => alias)).not.toContain("x");
});

it("foretells whatever it then does", async () => {
  const { acme, connector, tag, a, b, c } = await givenFleet();
  const change = fc.record(
    {
      id: fc.constantFrom(a, b, c, "999999999"),
      label: fc.constantFrom("a", "b", "c", null, ""),
      connector: fc.constantFrom(connector, null, "nowhere"),
      activated: fc.boolean(),
      tags: fc.constantFrom([], [tag]),
      data_limit: fc.constantFrom({ alert_threshold: 600_000 }, { total: 700_000 }),
    },
    { requiredKeys: ["id"] },
  );
  const property = fc.asyncProperty(
    fc.array(change, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    async (changes, atomic) => {
      const foretold = await bulk(acme, changes, "?dry_run=true");
      const done = await bulk(acme, changes, atomic ? "?atomic=true" : "");
      const refused = outcomes(foretold).some((_, index) => foretold.json.results[index].error);
      if (atomic && refused) return done.text === '{"error":"atomic_refused"}';
      return done.text === foretold.text;
    },
  );
  await fc.assert(property, { numRuns: 60 });
}, 60_000);
