import { expect, it } from "vitest";
import { iccidOf } from "../../../src/api/sims/iccid";
import { callAsOperator } from "../../support/call";
import { type GivenAccount, givenAccount } from "../../support/given-account";

async function issue(acme: GivenAccount, card: { id: string; iccid?: string }) {
  const sims = [{ ...card, account_id: acme.id }];
  expect(await callAsOperator("PUT", "/operator/sims", { sims })).toAnswer(200, {
    issued: 1,
    rejected: [],
  });
}

it("gives a SIM its own made ICCID again when its card is issued again without one", async () => {
  const acme = await givenAccount();
  const id = "000000001";
  const iccid = "89450000000000000017";
  await issue(acme, { id, iccid });
  await acme.givenSim({ id });
  expect((await acme.call("GET", `/sims/${iccid}`)).json).toMatchObject({ id, iccid });
  await issue(acme, { id });
  const made = iccidOf(id);
  expect((await acme.call("GET", `/sims/${id}`)).json.iccid).toBe(made);
  expect((await acme.call("GET", `/sims/${made}`)).json.id).toBe(id);
  expect(await acme.call("GET", `/sims/${iccid}`)).toAnswer(404, "sim_not_found");
});

it("takes 19 digits for an ICCID of 19 or 20, never for the beginning of a longer one", async () => {
  const acme = await givenAccount();
  const digits = "8945000000000000001";
  const longer = [`${digits}05`, `${digits}051`];
  for (const [index, iccid] of longer.entries()) {
    const id = `00000000${index + 1}`;
    await issue(acme, { id, iccid });
    await acme.givenSim({ id });
  }
  const change = [{ id: digits, label: "boat" }];
  expect(await acme.call("GET", `/sims/${digits}`)).toAnswer(404, "sim_not_found");
  expect((await acme.call("PATCH", "/sims/bulk", change)).json.results).toEqual([
    { index: 0, id: digits, error: "sim_not_found" },
  ]);
  await issue(acme, { id: "000000009", iccid: `${digits}7` });
  await acme.givenSim({ id: "000000009" });
  expect((await acme.call("GET", `/sims/${digits}`)).json.id).toBe("000000009");
  expect((await acme.call("PATCH", "/sims/bulk", change)).json.results[0].sim.id).toBe("000000009");
});
