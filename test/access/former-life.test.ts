import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { registrationOf, usageOf } from "../support/events";
import { inMinutes, stored } from "../support/fleet";
import { newSimId } from "../support/given-account";
import { givenNorth } from "../support/given-north";

/** Two keys' tags: a SIM's can be changed between them, so that it becomes the key's by its own doing. */
async function givenTwoTags() {
  const given = await givenNorth();
  const { id: west } = await given.acme.givenTag("west");
  const key = await given.acme.givenKey({ tags: [given.north, west] });
  return { ...given, west, key };
}

it("the audit log does not tell a key with tags what the SIM was before the key made it", async () => {
  const { acme, north, south, west, key, givenTagged } = await givenTwoTags();
  const sim = await givenTagged([south], "the-board-s");
  expect(await acme.call("DELETE", `/sim?id=${sim}`)).toAnswer(200);
  expect(await key.call("POST", "/sim", { id: sim })).toAnswer(200);
  await acme.call("PATCH", `/sims/${sim}`, { label: "new", tags: [west, north] });
  const log = await key.call("GET", `/audit-log?sim_id=${sim}`);
  expect(log.text).toContain("new");
  expect(log.text).not.toContain("the-board-s");
  expect((await acme.call("GET", `/audit-log?sim_id=${sim}`)).text).toContain("the-board-s");
});

it("the feed does not either, when nothing else is kept of it", async () => {
  const { acme, key } = await givenTwoTags();
  const sim = await acme.givenSim();
  await stored(registrationOf(sim, { time: inMinutes(-1), id: "former" }));
  await acme.call("DELETE", `/sim?id=${sim}`);
  expect(await key.call("POST", "/sim", { id: sim })).toAnswer(403, "id_forbidden");
  // As the cron does, when the event is old.
  await env.DB.prepare("DELETE FROM network_log WHERE sim_id = ?").bind(sim).run();
  expect(await key.call("POST", "/sim", { id: sim })).toAnswer(200);
  await stored(registrationOf(sim, { time: inMinutes(0), id: "present" }));
  const idsFor = async (caller: typeof key) =>
    (await caller.call("GET", "/events")).json.events.map(({ id }: { id: string }) => id);
  expect(await idsFor(key)).toEqual(["present"]);
  expect((await acme.call("GET", "/events")).json.events).toHaveLength(2);
});

it("GET /events/{id} does not answer a correction of before the SIM was made again", async () => {
  const { acme, north, key, givenTagged } = await givenTwoTags();
  const sim = await givenTagged([]);
  const record = usageOf(sim, { id: "u-1", time: inMinutes(-60), upload: 1 });
  const correction = { ...record, id: "c-1", operation: "correct", replaces: "u-1", upload: 2 };
  await stored(record, correction);
  await acme.call("DELETE", `/sim?id=${sim}`);
  expect(await acme.call("POST", "/sim", { id: sim })).toAnswer(200);
  await acme.call("PATCH", `/sims/${sim}`, { tags: [north] });
  for (const id of ["u-1", "c-1"]) {
    expect(await acme.call("GET", `/events/${id}`)).toAnswer(200);
    expect(await key.call("GET", `/events/${id}`)).toAnswer(404, "event_not_found");
  }
});

it("an id that nothing is kept of is free", async () => {
  const { key } = await givenTwoTags();
  expect(await key.call("POST", "/sim", { id: newSimId() })).toAnswer(200);
});
