import { expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { MARCH, usageOf } from "../../support/events";
import { stored } from "../../support/fleet";
import { givenAccount, newSimId } from "../../support/given-account";
import { givenPipeline } from "../../support/pipeline";

/** `SIM_REGISTRATION` is `open` in these tests. */

it("refuses an id that the core network reports usage for, until the operator issues it", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const id = newSimId();
  await stored(usageOf(id));
  for (const account of [acme, globex])
    expect(await account.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
  const sims = [{ id, account_id: acme.id }];
  expect(await callAsOperator("PUT", "/operator/sims", { sims })).toAnswer(200);
  expect(await globex.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
  expect(await acme.call("POST", "/sim", { id })).toAnswer(200);
});

it("keeps such usage from whoever claims the id, and for whom it is issued to", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const pipeline = givenPipeline();
  const sim_id = newSimId();
  const retry = async () => {
    await callAsOperator(
      "POST",
      "/operator/events/unmatched/retry",
      { sim_id },
      { env: pipeline.env },
    );
    await pipeline.storeAll();
  };
  await pipeline.report(usageOf(sim_id));
  await pipeline.storeAll();
  await globex.call("POST", "/sim", { id: sim_id });
  await retry();
  expect((await globex.call("GET", MARCH)).json.usage).toEqual([]);
  await callAsOperator("PUT", "/operator/sims", { sims: [{ id: sim_id, account_id: acme.id }] });
  await acme.call("POST", "/sim", { id: sim_id });
  await retry();
  expect((await acme.call("GET", MARCH)).json.usage).toHaveLength(1);
});

it("leaves other ids free", async () => {
  const acme = await givenAccount();
  await stored(usageOf(newSimId()));
  expect(await acme.call("POST", "/sim", { id: newSimId() })).toAnswer(200);
});

it("lets an account make again its own SIM that was used on after it was deleted", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const id = await acme.givenSim();
  await stored(usageOf(id));
  await acme.call("DELETE", `/sim?id=${id}`);
  await stored(usageOf(id));
  expect(await globex.call("POST", "/sim", { id })).toAnswer(403, "id_forbidden");
  expect(await acme.call("POST", "/sim", { id })).toAnswer(200);
});
