import { expect, it } from "vitest";
import type { Answer } from "../../support/call";
import { givenAccount, newSimId } from "../../support/given-account";
import { storedIn } from "../../support/stored";

/** How often each answer came. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, text } of answers) {
    const answer = `${status} ${text}`;
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

it("gives an alias to one of 50 SIMs that are created with it at once", async () => {
  const acme = await givenAccount();
  const creations = Array.from({ length: 50 }, () =>
    acme.call("POST", "/sim", { id: newSimId(), alias: "drone" }),
  );
  expect(tally(await Promise.all(creations))).toEqual({
    '200 {"message":"OK"}': 1,
    '409 {"error":"alias_conflict"}': 49,
  });
  expect(await storedIn("sims")).toHaveLength(1);
});

it("creates a SIM once when it is created 50 times at once", async () => {
  const acme = await givenAccount();
  const creations = Array.from({ length: 50 }, () =>
    acme.call("POST", "/sim", { id: "000000001" }),
  );
  expect(tally(await Promise.all(creations))).toEqual({
    '200 {"message":"OK"}': 1,
    '409 {"error":"id_conflict"}': 49,
  });
  expect(await storedIn("sims")).toHaveLength(1);
});

it("gives a SIM to one of two accounts that create it at once", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim = { id: "000000001" };
  const answers = await Promise.all([
    acme.call("POST", "/sim", sim),
    globex.call("POST", "/sim", sim),
  ]);
  expect(tally(answers)).toEqual({
    '200 {"message":"OK"}': 1,
    '403 {"error":"id_forbidden"}': 1,
  });
});

it("gives an alias to one of 20 SIMs that are changed to it at once", async () => {
  const acme = await givenAccount();
  const ids = await Promise.all(Array.from({ length: 20 }, () => acme.givenSim()));
  const changes = ids.map((id) => acme.call("PUT", "/sim", { id, alias: "drone" }));
  expect(tally(await Promise.all(changes))).toEqual({
    '200 {"message":"OK"}': 1,
    '409 {"error":"alias_conflict"}': 19,
  });
});

it("never leaves a SIM with a connector that is gone", async () => {
  const acme = await givenAccount();
  const outcomes = new Set<number>();
  for (const createdBefore of [0, 1, 10, 19]) {
    const connector = await acme.givenConnector(`connector-${createdBefore}`);
    const create = () => acme.call("POST", "/sim", { id: newSimId(), connector });
    const early = Array.from({ length: createdBefore }, create);
    if (createdBefore > 0) await Promise.race(early);
    const deletion = acme.call("DELETE", `/connector?id=${connector}`);
    const late = Array.from({ length: 20 - createdBefore }, create);
    const created = (await Promise.all([...early, ...late])).filter((one) => one.status === 200);
    const { status } = await deletion;
    outcomes.add(status);
    const left = await acme.call("GET", `/connector?id=${connector}`);
    const using = (await storedIn("sims")).filter((row) => row.connector_id === connector);
    expect(using).toHaveLength(created.length);
    expect([status, left.status, using.length > 0]).toEqual(
      status === 200 ? [200, 404, false] : [409, 200, true],
    );
  }
  expect(outcomes, "each end of the race").toEqual(new Set([200, 409]));
});
