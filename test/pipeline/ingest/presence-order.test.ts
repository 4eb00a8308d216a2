import { describe, expect, it } from "vitest";
import { registrationOf, usageOf, validationOf } from "../../support/events";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";

const read = async (acme: GivenAccount, id: string) => (await acme.call("GET", `/sims/${id}`)).json;
const deregistrationOf = (sim_id: string, minutes: number) => ({
  type: "network-deregistration",
  sim_id,
  time: inMinutes(minutes),
});

describe("what comes late", () => {
  it("does not undo what a later event said, though that changed nothing", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    await stored(registrationOf(id, { time: inMinutes(-40) }));
    await stored(registrationOf(id, { time: inMinutes(-20) }));
    const before = await read(acme, id);
    await stored(deregistrationOf(id, -30));
    await stored(
      registrationOf(id, { time: inMinutes(-30), country_code: "se", imei: "999999999999999" }),
    );
    expect(await read(acme, id)).toEqual(before);
    await stored(deregistrationOf(id, -10));
    expect((await read(acme, id)).online).toBe(false);
  });

  it("counts in a batch by its own time, not by that of a newer event that says nothing of it", async () => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    await stored(registrationOf(id, { time: inMinutes(-20) }));
    await stored(deregistrationOf(id, -30), validationOf(id, { time: inMinutes(-10) }));
    expect((await read(acme, id)).online).toBe(true);
    await stored(deregistrationOf(id, -5), validationOf(id, { time: inMinutes(-4) }));
    expect((await read(acme, id)).online).toBe(false);
  });
});

it("is not held up by what comes from the future, which is counted all the same", async () => {
  const acme = await givenAccount();
  const [id, other] = [await acme.givenSim(), await acme.givenSim()];
  await stored(
    usageOf(id, { time: "2099-01-01T00:00:00Z", upload: 5000 }),
    registrationOf(id, { time: "2099-01-01T00:00:00Z" }),
    usageOf(other, { time: inMinutes(-1), upload: 1_000_000 }),
  );
  await stored(registrationOf(id, { time: inMinutes(-10), country_code: "se" }));
  await stored(usageOf(id, { time: inMinutes(-9), country_code: "se" }), deregistrationOf(id, -5));
  const sim = await read(acme, id);
  expect([sim.online, sim.network.country_code, sim.usage]).toEqual([false, "SE", 110]);
  expect(sim.last_seen_at < inMinutes(0)).toBe(true);
  const { sims } = (await acme.call("GET", "/sims?sort=-usage")).json;
  expect(sims.map((one: { id: string }) => one.id)).toEqual([other, id]);
  const january = await acme.call("GET", "/usage?filter=time:2099-01");
  expect(january.json.usage).toHaveLength(1);
});

it("says the same when a batch comes again", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  await stored(registrationOf(id, { time: inMinutes(-40) }));
  const batch = [registrationOf(id, { time: inMinutes(-30) }), deregistrationOf(id, -20)];
  await stored(...batch);
  const once = await read(acme, id);
  expect(once.online).toBe(false);
  await stored(...batch);
  expect(await read(acme, id)).toEqual(once);
});

it("is not moved by an attach that was refused", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  await stored(registrationOf(id, { time: inMinutes(-10) }));
  const before = await read(acme, id);
  const refused = { reason: "network_whitelist", country_code: "se", imei: "999999999999999" };
  await stored(registrationOf(id, { time: inMinutes(-5), ...refused }));
  await stored(validationOf(id, { time: inMinutes(-4), ...refused }));
  expect(await read(acme, id)).toEqual(before);
});

it("was last seen within the hour, when its events change nothing", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  for (const minutes of [-180, -110, -100, -40]) {
    const time = inMinutes(minutes);
    await stored(registrationOf(id, { time }));
    const { last_seen_at } = await read(acme, id);
    expect(Date.parse(time) - Date.parse(last_seen_at)).toBeLessThan(3_600_000);
  }
});
