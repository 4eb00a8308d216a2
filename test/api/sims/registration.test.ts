import { expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { givenAccount, type GivenAccount } from "../../support/given-account";

const OK = { message: "OK" };
const ISSUED = { env: { SIM_REGISTRATION: "issued" } };

async function issue(id: string, account: GivenAccount): Promise<void> {
  const sims = [{ id, account_id: account.id }];
  const answer = await callAsOperator("PUT", "/operator/sims", { sims });
  expect(answer).toAnswer(200, { issued: 1, rejected: [] });
}

it("lets an account create only what was issued to it, where the operator wants that", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await issue("000000001", acme);
  const create = (account: GivenAccount, id: string) =>
    account.call("POST", "/sim", { id }, ISSUED);
  expect(await create(acme, "000000002")).toAnswer(403, "id_forbidden");
  expect(await create(globex, "000000001")).toAnswer(403, "id_forbidden");
  expect(await create(acme, "000000001")).toAnswer(200, OK);
  expect(await create(globex, "000000001")).toAnswer(403, "id_forbidden");
  expect(await create(acme, "000000001")).toAnswer(409, "id_conflict");
});

it("lets an account create again what was issued to it and deleted", async () => {
  const acme = await givenAccount();
  await issue("000000001", acme);
  for (const round of [1, 2]) {
    const sim = { id: "000000001", alias: `round ${round}` };
    expect(await acme.call("POST", "/sim", sim, ISSUED)).toAnswer(200, OK);
    expect(await acme.call("DELETE", "/sim?id=000000001", undefined, ISSUED)).toAnswer(200, OK);
  }
});

it("goes on managing a SIM that was made before only issued ones could be", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  expect((await acme.call("GET", `/sim?id=${id}`, undefined, ISSUED)).status).toBe(200);
  expect(await acme.call("PUT", "/sim", { id, active: false }, ISSUED)).toAnswer(200, OK);
  expect(await acme.call("DELETE", `/sim?id=${id}`, undefined, ISSUED)).toAnswer(200, OK);
});

it("keeps an issued card for its account even where any free id may be created", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await issue("000000001", acme);
  const sim = { id: "000000001" };
  expect(await globex.call("POST", "/sim", sim)).toAnswer(403, "id_forbidden");
  expect(await acme.call("POST", "/sim", sim)).toAnswer(200, OK);
});

it("looks at whom the id was issued to before it looks for the connector", async () => {
  const acme = await givenAccount();
  const sim = { id: "000000001", connector: "missing" };
  expect(await acme.call("POST", "/sim", sim, ISSUED)).toAnswer(403, "id_forbidden");
});

it("gives what another account deleted to whoever creates it next, unless it is issued", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const id = await acme.givenSim();
  await acme.call("DELETE", `/sim?id=${id}`);
  expect(await globex.call("POST", "/sim", { id })).toAnswer(200, OK);
  expect(await acme.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
});
