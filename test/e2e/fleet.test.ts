import { expect, inject, it } from "vitest";
import { fleetApi, receiver } from "./fleet/program";
import { givenAccount } from "./support/given-account";
import { report } from "./support/events";
import { eventually, listen } from "./support/receiver";
import { objectIn } from "./support/request";

const SIMS = 2500;
const NETWORK = { name: "Vodafone", country: "Germany", country_code: "DE", mcc: "262", mnc: "02" };
const AT_A_TIME = 25;

/** An account with 2,500 SIMs, made through the classic API. */
async function givenFleet() {
  const acme = await givenAccount();
  const numbers = Array.from({ length: SIMS }, (_, n) => n);
  const ids: string[] = [];
  const make = async () => {
    for (let n = numbers.pop(); n !== undefined; n = numbers.pop())
      ids.push(await acme.givenSim({ alias: `device ${n}` }));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, make));
  objectIn(await acme.call("POST", "/tags", { name: "Nightly" }));
  return { acme, ids: ids.toSorted() };
}

it("serves a program that knows only the public fleet API: 2,500 SIMs walked, tagged, read and told of", async () => {
  const { acme, ids } = await givenFleet();
  const api = fleetApi(inject("server").url, acme.key);
  let secret = "";
  const { server, events, refused } = receiver(() => secret);
  const port = await listen(server);
  ({ secret } = await api.webhook(`http://127.0.0.1:${port}/hook?key=mine`));

  const sims = await api.sims();
  expect(sims.map(({ id }) => id)).toEqual(ids);
  await api.tagAll(sims, await api.tagNamed("Nightly"));
  expect((await api.sims("tag:Nightly")).map(({ id }) => id)).toEqual(ids);

  const time = "2026-03-10T12:00:00.000Z";
  const usage = ids.map((sim_id, n) => ({
    type: "usage",
    time,
    bill_id: `bill-${n}`,
    sim_id,
    country_code: "de",
    operation: "update",
    upload: n,
    download: 2 * n,
    network: NETWORK,
    network_type: "LTE",
  }));
  for (let start = 0; start < SIMS; start += 1000)
    await report(...usage.slice(start, start + 1000));

  await eventually(() => expect(events).toHaveLength(SIMS), 150_000);
  expect(refused).toEqual([]);
  const bySim = new Map(sims.map((sim) => [sim.id, sim]));
  for (const event of events)
    expect(event).toMatchObject({
      type: "usage",
      time,
      iccid: bySim.get(event.sim_id)?.iccid,
      sim_label: bySim.get(event.sim_id)?.label,
      bytes: 3 * ids.indexOf(event.sim_id),
      network: NETWORK,
    });
  expect(new Set(events.map(({ sim_id }) => sim_id)).size).toBe(SIMS);

  const records = await api.usageOfDay("2026-03-10");
  expect(records).toHaveLength(SIMS);
  for (const { sim_id, bytes, iccid, network } of records)
    expect([bytes, iccid, network]).toEqual([
      3 * ids.indexOf(sim_id),
      bySim.get(sim_id)?.iccid,
      { mcc: "262", mnc: "02" },
    ]);
});
