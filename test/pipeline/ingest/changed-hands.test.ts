import { expect, it } from "vitest";
import { callAsOperator } from "../../support/call";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { givenPipeline, givenReceivers } from "../../support/pipeline";

const THEIRS = {
  iccid: "89450000000000000017",
  label: "globex's boat",
  imei: "358299840000009",
  ipv4: "10.11.12.13",
};

/** A SIM that was Acme's is Globex's: with another card, name and device. */
async function handOver(acme: GivenAccount, id: string) {
  const globex = await givenAccount();
  await acme.call("DELETE", "/sim", { id });
  const { iccid, ipv4, label, imei } = THEIRS;
  const sims = [{ id, account_id: globex.id, iccid, ipv4 }];
  expect((await callAsOperator("PUT", "/operator/sims", { sims })).json.issued).toBe(1);
  await globex.givenSim({ id, alias: label });
  await stored(registrationOf(id, { time: inMinutes(-1), imei }));
  const theirs = await globex.call("GET", `/sims/${id}`);
  expect(theirs.json).toMatchObject(THEIRS);
}

it("replays to an account nothing that another one made of its SIM", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim({ alias: "acme's boat" });
  const { id } = await acme.givenWebhook({ payload: "fleet" });
  const pipeline = givenPipeline();
  const received = givenReceivers();
  const time = inMinutes(-10);
  await pipeline.report(usageOf(sim_id, { time }), validationOf(sim_id, { time }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  expect(received.splice(0)).toHaveLength(2);
  await handOver(acme, sim_id);
  const since = inMinutes(-60);
  await acme.call("POST", `/webhooks/${id}/replay`, { since }, { env: pipeline.env });
  await pipeline.replayAll();
  await pipeline.deliverAll();
  expect(received).toHaveLength(2);
  for (const { body } of received) {
    expect(JSON.parse(body).sim_id).toBe(sim_id);
    for (const fact of Object.values(THEIRS)) expect(body).not.toContain(fact);
  }
});

it("lists usage of a SIM that another account has now without its ICCID", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await stored(usageOf(sim_id));
  await handOver(acme, sim_id);
  for (const query of ["", `&filter[]=sim_id:${sim_id}`]) {
    const { json } = await acme.call("GET", `/usage?filter[]=time:2026-03${query}`);
    expect(json.usage).toHaveLength(1);
    expect(json.usage[0]).toMatchObject({ sim_id, iccid: null });
  }
});
