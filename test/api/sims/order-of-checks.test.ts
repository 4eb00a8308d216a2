import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";

/** Acme's world, and Globex with a SIM of its own. */
async function givenRivals() {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  return {
    acme,
    mine: await acme.givenSim({ alias: "drone" }),
    other: await acme.givenSim({ alias: "boat" }),
    theirs: await globex.givenSim(),
  };
}

it("looks at the form of each field before anything else, in the order of the tables", async () => {
  const { acme, theirs } = await givenRivals();
  const wrong = { id: 1, alias: "", active: "yes", connector: 1 };
  for (const method of ["POST", "PUT"]) {
    const refuse = async (sim: object) => (await acme.call(method, "/sim", sim)).json.error;
    expect(await refuse(wrong)).toBe("id_invalid");
    expect(await refuse({ ...wrong, id: theirs })).toBe("alias_invalid");
    expect(await refuse({ ...wrong, id: theirs, alias: "boat" })).toBe("active_invalid");
    expect(await refuse({ id: theirs, alias: "boat", connector: 1 })).toBe("connector_invalid");
  }
});

it("looks at whose the SIM is before what exists", async () => {
  const { acme, theirs } = await givenRivals();
  const sim = { id: theirs, connector: "missing" };
  expect(await acme.call("POST", "/sim", sim)).toAnswer(403, "id_forbidden");
  expect(await acme.call("PUT", "/sim", sim)).toAnswer(403, "id_forbidden");
});

it("looks at whose the SIM is before what conflicts", async () => {
  const { acme, theirs } = await givenRivals();
  const sim = { id: theirs, alias: "boat" };
  expect(await acme.call("POST", "/sim", sim)).toAnswer(403, "id_forbidden");
  expect(await acme.call("PUT", "/sim", sim)).toAnswer(403, "id_forbidden");
});

it("looks at what exists before what conflicts", async () => {
  const { acme, mine } = await givenRivals();
  const sim = { id: mine, alias: "boat", connector: "missing" };
  expect(await acme.call("POST", "/sim", sim)).toAnswer(404, "connector_not_found");
  expect(await acme.call("PUT", "/sim", sim)).toAnswer(404, "connector_not_found");
  const unknown = { id: "000000009", alias: "boat" };
  expect(await acme.call("PUT", "/sim", unknown)).toAnswer(404, "sim_not_found");
});

it("changes nothing when it refuses", async () => {
  const { acme, mine, other } = await givenRivals();
  await acme.call("PUT", "/sim", { id: mine, alias: "boat", active: false });
  await acme.call("PUT", "/sim", { id: mine, connector: "missing", active: false });
  for (const [id, alias] of [
    [mine, "drone"],
    [other, "boat"],
  ])
    expect(await acme.call("GET", `/sim?id=${id}`)).toAnswer(200, { id, alias, active: true });
});
