import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { inMinutes, stored } from "../../support/fleet";

const deregistrationOf = (sim_id: string, changes: object = {}) => ({
  type: "network-deregistration",
  sim_id,
  time: inMinutes(-1),
  ...changes,
});
const TELENOR = {
  name: "Telenor Norge",
  country: "Norway",
  country_code: "NO",
  mcc: "242",
  mnc: "01",
};

const read = async (acme: GivenAccount, id: string) => (await acme.call("GET", `/sims/${id}`)).json;

/** What a SIM shows of being online. */
async function presence(acme: GivenAccount, id: string) {
  const { online, online_at, last_came_online_at } = await read(acme, id);
  return [online, online_at, last_came_online_at];
}

describe("being online", () => {
  it("begins with a registration and ends with a deregistration", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    const [came, left, again] = [inMinutes(-30), inMinutes(-20), inMinutes(-10)];
    await stored(registrationOf(id, { time: came }));
    expect(await presence(acme, id)).toEqual([true, came, came]);
    await stored(registrationOf(id, { time: inMinutes(-25) }));
    expect(await presence(acme, id)).toEqual([true, came, came]);
    await stored(deregistrationOf(id, { time: left }));
    expect(await presence(acme, id)).toEqual([false, null, came]);
    await stored(registrationOf(id, { time: again }));
    expect(await presence(acme, id)).toEqual([true, again, again]);
  });

  it("follows data sessions, and no validation", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    await stored(validationOf(id, { time: inMinutes(-40) }));
    expect((await presence(acme, id))[0]).toBe(false);
    await stored(usageOf(id, { time: inMinutes(-30), operation: "start" }));
    expect((await presence(acme, id))[0]).toBe(true);
    await stored(usageOf(id, { time: inMinutes(-20), operation: "finalize" }));
    expect((await presence(acme, id))[0]).toBe(false);
  });

  it("follows a core network's clock that is up to five minutes fast, and none that is faster", async () => {
    const acme = await givenAccount();
    const [near, far] = [await acme.givenSim(), await acme.givenSim()];
    const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
    await stored(
      registrationOf(near, { time: ahead(270) }),
      registrationOf(far, { time: ahead(400) }),
    );
    expect((await presence(acme, near))[0]).toBe(true);
    expect((await presence(acme, far))[0]).toBe(false);
  });

  it("does not begin with a registration that was refused", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    await stored(registrationOf(id, { time: inMinutes(-1), reason: "network_whitelist" }));
    expect((await presence(acme, id))[0]).toBe(false);
  });

  it("comes out the same from one batch as from many", async () => {
    const acme = await givenAccount();
    const [one, many] = [await acme.givenSim(), await acme.givenSim()];
    const [started, ended, registered, used] = [-50, -40, -30, -20].map(inMinutes);
    const eventsOf = (id: string) => [
      usageOf(id, { time: started, operation: "start" }),
      usageOf(id, { time: ended, operation: "finalize" }),
      registrationOf(id, { time: registered }),
      usageOf(id, { time: used }),
    ];
    await stored(...eventsOf(one).toReversed());
    for (const event of eventsOf(many)) await stored(event);
    expect(await presence(acme, one)).toEqual(await presence(acme, many));
    expect((await presence(acme, one))[0]).toBe(true);
  });
});

it("shows the network, the device and the place that events tell", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const time = inMinutes(-5);
  await stored(
    registrationOf(id, { time, country_code: "no", imei: "358299849999999", network: TELENOR }),
    {
      type: "location",
      sim_id: id,
      time,
      location: { lat: 63.4, lng: 10.4, cell_id: 21_679_616, accuracy: 1232.887 },
    },
  );
  const sim = await read(acme, id);
  expect(sim.network).toEqual(TELENOR);
  expect(sim.imei).toBe("358299849999999");
  expect(sim.location).toEqual({
    lat: 63.4,
    lng: 10.4,
    cell_id: 21_679_616,
    location_area_code: null,
    accuracy: 1232.887,
    time,
  });
  expect(sim.last_seen_at).toBe(time);

  const codes = { mcc: TELENOR.mcc, mnc: TELENOR.mnc };
  await stored(usageOf(id, { time: inMinutes(-4.5), country_code: "no", network: codes }));
  expect((await read(acme, id)).network).toEqual(TELENOR);
  await stored(usageOf(id, { time: inMinutes(-4), country_code: "no" }));
  expect((await read(acme, id)).network).toEqual(TELENOR);
  await stored(usageOf(id, { time: inMinutes(-3), country_code: "se" }));
  const sweden = { name: null, country: null, country_code: "SE", mcc: null, mnc: null };
  expect((await read(acme, id)).network).toEqual(sweden);
});

it("does not go back for what comes late, but counts it", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  await stored(usageOf(id, { time: inMinutes(-10), country_code: "se" }));
  await stored(usageOf(id, { time: inMinutes(-5), country_code: "se" }));
  const before = await read(acme, id);
  const late = { time: inMinutes(-7), country_code: "dk", operation: "finalize" };
  await stored(usageOf(id, late), deregistrationOf(id, { time: inMinutes(-8) }));
  const after = await read(acme, id);
  expect(after).toMatchObject({ online: true, network: before.network });
  expect(after.usage - before.usage).toBe(110);
});

it("counts the month's usage, of repeats once, and none of another month's", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const twice = usageOf(id, { time: inMinutes(-1), upload: 5, download: 7 });
  await stored(twice, usageOf(id, { time: "2020-01-31T23:59:59Z", upload: 1000 }));
  await stored(twice, usageOf(id, { time: inMinutes(-1), upload: 100, download: 200 }));
  const { usage, data_limit } = await read(acme, id);
  expect([usage, data_limit.used]).toEqual([312, 312]);
});

it("writes nothing to a SIM that goes on as before", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  await stored(usageOf(id, { time: inMinutes(-60), upload: 1_000_000 }));
  const row = async () =>
    (await env.DB.prepare("SELECT * FROM sims WHERE id = ?").bind(id).all()).results;
  const before = await row();
  await stored(usageOf(id, { time: inMinutes(-45) }));
  await stored(usageOf(id, { time: inMinutes(-30) }));
  expect(await row()).toEqual(before);
  expect((await read(acme, id)).usage).toBe(1_000_100 + 220);
  expect((await read(acme, id)).last_seen_at > inMinutes(-31)).toBe(true);
});
