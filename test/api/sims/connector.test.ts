import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";

const OK = { message: "OK" };

it("routes a SIM through a connector, and says so only then", async () => {
  const acme = await givenAccount();
  const connector = await acme.givenConnector();
  const sim = { id: "192837465", alias: null, active: true };
  expect(await acme.call("POST", "/sim", { ...sim, connector })).toAnswer(200, OK);
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, { ...sim, connector });
  expect(await acme.call("PUT", "/sim", { ...sim, connector: null })).toAnswer(200, OK);
  expect(await acme.call("GET", "/sim?id=192837465")).toAnswer(200, sim);
});

it("takes the connector away from a SIM that is replaced without one", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim({ connector: await acme.givenConnector() });
  expect(await acme.call("PUT", "/sim", { id })).toAnswer(200, OK);
  expect((await acme.call("GET", `/sim?id=${id}`)).json).not.toHaveProperty("connector");
});

it("refuses a connector that the account does not have", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await globex.givenConnector("theirs");
  const id = await acme.givenSim();
  for (const connector of ["missing", "theirs"]) {
    const fresh = { id: "000000001", connector };
    expect(await acme.call("POST", "/sim", fresh)).toAnswer(404, "connector_not_found");
    expect(await acme.call("PUT", "/sim", { id, connector })).toAnswer(404, "connector_not_found");
  }
  expect(await acme.call("GET", "/sim?id=000000001")).toAnswer(404, "sim_not_found");
});

it("refuses what is no connector's id", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const wrong = ["", "ab", "a".repeat(256), "my connector", "mine\n", "ænø", 5, true, [], {}];
  const create = (connector: unknown) => acme.call("POST", "/sim", { id: "000000001", connector });
  expect(await notRefused(wrong, "connector_invalid", create)).toEqual([]);
  const replace = (connector: unknown) => acme.call("PUT", "/sim", { id, connector });
  expect(await notRefused(wrong, "connector_invalid", replace)).toEqual([]);
});
