import { describe, expect, it, vi } from "vitest";
import { registrationOf, usageOf } from "../support/events";
import { stored } from "../support/fleet";
import type { GivenKey } from "../support/given-account";
import { givenNorth } from "../support/given-north";
import { givenPipeline } from "../support/pipeline";

const LOCATION = { lat: 55.61, lng: 12.51, cell_id: 7, location_area_code: 8, accuracy: 9 };
const IMEI = "351234567890123";

/** Moves the clock, as far as the Worker and the test see it. */
function setTime(time: string): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date(time));
}

/** A SIM of one tag, with usage and a registration at 11:00, that is deleted and made again for another tag at 12:00. */
async function givenMadeAgain() {
  const given = await givenNorth();
  const { acme, north, south, givenTagged } = given;
  setTime("2026-11-10T11:00:00Z");
  const sim = await givenTagged([north]);
  const time = "2026-11-10T11:00:00Z";
  await stored(
    usageOf(sim, { id: "before", time: "2026-11-09T10:00:00Z", upload: "700000", download: "0" }),
    usageOf(sim, { id: "former", time, upload: "77000", download: "0" }),
    registrationOf(sim, { id: "seen", time, imei: IMEI, location: LOCATION }),
  );
  setTime("2026-11-10T12:00:00Z");
  await acme.call("DELETE", `/sim?id=${sim}`);
  expect(await acme.call("POST", "/sim", { id: sim })).toAnswer(200);
  await acme.call("PATCH", `/sims/${sim}`, { tags: [south] });
  const key = await acme.givenKey({ tags: [south] });
  return { ...given, sim, key };
}

const PERIOD = "time_begin=2026-11-01T00:00:00Z&time_end=2026-12-01T00:00:00Z";
const GROUPS = ["hours", "days", "months", "sim", "country", "network"];

/** Every call that tells of what a SIM did. */
function calls(sim: string, tag: string): string[] {
  const month = "filter=time:2026-11";
  const groups = GROUPS.map((group) => `?group=${group}&${month}`);
  return [
    `/usage?${PERIOD}`,
    `/usage?sim_id=${sim}&${PERIOD}`,
    ...[`?${month}`, ...groups].flatMap((query) => [`/usage${query}`, `/usage/${sim}${query}`]),
    `/usage/tag-total/${tag}`,
    `/network-logs/${sim}`,
    "/events",
    "/events/before",
    "/events/former",
    "/events/seen",
    `/sims/${sim}`,
    "/sims",
    `/sims/find?search=${sim}`,
  ];
}

/** What a key is told of usage: the sums of each listing and group, where there is one. */
async function sumsFor(caller: Pick<GivenKey, "call">, sim: string, tag: string) {
  const sums: [path: string, ...sums: unknown[]][] = [];
  for (const path of calls(sim, tag).filter((one) => one.startsWith("/usage"))) {
    const { upload, usage } = (await caller.call("GET", path)).json;
    const listed = (usage ?? []).map((row: { upload: string }) => Number(row.upload));
    const total = listed.reduce((sum: number, bytes: number) => sum + bytes, 0);
    sums.push(usage ? [path, upload, total] : [path, upload]);
  }
  return sums;
}

describe("a key with tags", () => {
  it("is told nothing of what a SIM did before it was made again; the account's own key is", async () => {
    const { acme, sim, key, south } = await givenMadeAgain();
    for (const path of calls(sim, south)) {
      const { text } = await key.call("GET", path);
      for (const word of ["7000", IMEI, "55.61", "former", "before"])
        expect([path, text.includes(word)]).toEqual([path, false]);
    }
    const own = await key.call("GET", `/sims/${sim}`);
    expect(own.json).toMatchObject({ usage: 0, last_seen_at: null, data_limit: { used: 0 } });
    expect((await acme.call("GET", `/usage/${sim}?filter=time:2026-11`)).json.upload).toBe(
      "777000",
    );
    expect((await acme.call("GET", `/sims/${sim}`)).json.usage).toBe(777_000);
    expect((await acme.call("GET", `/network-logs/${sim}`)).json.docs).toHaveLength(1);
  });

  it("is told all that the SIM did since, and sums that are those of the records", async () => {
    const { sim, key, south } = await givenMadeAgain();
    setTime("2026-11-11T12:00:00Z");
    await stored(
      usageOf(sim, { id: "u1", time: "2026-11-10T12:00:00Z", upload: "10", download: "0" }),
      usageOf(sim, { id: "u2", time: "2026-11-10T23:00:00Z", upload: "200", download: "0" }),
      usageOf(sim, { id: "u3", time: "2026-11-11T09:00:00Z", upload: "3000", download: "0" }),
      registrationOf(sim, { id: "n1", time: "2026-11-11T09:30:00Z" }),
    );
    for (const [path, ...sums] of await sumsFor(key, sim, south))
      expect([path, ...sums]).toEqual([path, "3210", 3210].slice(0, sums.length + 1));
    for (const [period, upload] of [
      ["time_begin=2026-11-10T11:30:00Z&time_end=2026-11-10T12:30:00Z", "10"],
      ["time_begin=2026-11-10T10:00:00Z&time_end=2026-11-10T11:30:00Z", "0"],
      ["time_begin=2026-11-10T01:00:00Z&time_end=2026-11-10T23:30:00Z", "210"],
      ["time_begin=2026-11-09T01:00:00Z&time_end=2026-11-11T08:00:00Z", "210"],
    ])
      for (const query of [period, `sim_id=${sim}&${period}`]) {
        const { json } = await key.call("GET", `/usage?${query}`);
        expect([query, json.upload]).toEqual([query, upload]);
      }
    const { json } = await key.call("GET", `/sims/${sim}`);
    expect(json).toMatchObject({ usage: 3210, last_seen_at: "2026-11-11T09:30:00.000Z" });
    expect((await key.call("GET", `/network-logs/${sim}`)).json.docs).toHaveLength(1);
    for (const id of ["u1", "n1"])
      expect((await key.call("GET", `/events/${id}`)).status).toBe(200);
  });

  it("is not told of it when it is reported late", async () => {
    const { acme, sim, key, south } = await givenMadeAgain();
    const time = "2026-11-10T11:30:00Z";
    await stored(
      usageOf(sim, { id: "former-late", time, upload: "70000", download: "0" }),
      registrationOf(sim, { id: "before-late", time, imei: IMEI, location: LOCATION }),
    );
    for (const path of [...calls(sim, south), "/events/former-late", "/events/before-late"]) {
      const { text } = await key.call("GET", path);
      for (const word of ["7000", IMEI, "55.61", "former", "before"])
        expect([path, text.includes(word)]).toEqual([path, false]);
    }
    expect((await acme.call("GET", "/events/former-late")).status).toBe(200);
  });

  it("is not told of it when it is reported together with what the SIM does now", async () => {
    const { sim, key } = await givenMadeAgain();
    const late = { time: "2026-11-10T11:30:00Z", imei: IMEI, location: LOCATION };
    await stored(registrationOf(sim, late), usageOf(sim, { time: "2026-11-10T12:00:00Z" }));
    const { text, json } = await key.call("GET", `/sims/${sim}`);
    for (const word of [IMEI, "55.61"]) expect(text).not.toContain(word);
    expect(json.online).toBe(true);
  });

  it("is told all of it by a webhook for all SIMs, and nothing by one with its tags", async () => {
    const { acme, sim, south } = await givenMadeAgain();
    const all = await acme.givenWebhook();
    const tagged = await acme.givenWebhook({ tags: [south] });
    const pipeline = givenPipeline();
    await pipeline.report(registrationOf(sim, { time: "2026-11-10T11:30:00Z", imei: IMEI }));
    await pipeline.storeAll();
    expect(pipeline.deliveries.messages).toMatchObject([{ webhook_id: all.id }]);
    setTime("2026-11-10T12:01:00Z");
    const wanted = { since: "2026-11-10T00:00:00Z", dry_run: true };
    for (const [id, events] of [
      [all.id, 4],
      [tagged.id, 0],
    ] as const)
      expect((await acme.call("POST", `/webhooks/${id}/replay`, wanted)).json.events).toBe(events);
  });

  it("is told of what a new SIM did before it was made", async () => {
    const { acme, north, key, givenTagged } = await givenNorth();
    setTime("2026-11-10T12:00:00Z");
    const sim = await givenTagged([north]);
    await stored(usageOf(sim, { time: "2026-11-08T10:00:00Z", upload: "5", download: "0" }));
    const path = `/usage/${sim}?filter=time:2026-11`;
    for (const caller of [acme, key])
      expect((await caller.call("GET", path)).json.upload).toBe("5");
    expect((await key.call("GET", `/sims/${sim}`)).json.usage).toBe(5);
  });

  it("is told nothing of an earlier life of which nothing was stored by then", async () => {
    const { acme, north, south, givenTagged } = await givenNorth();
    setTime("2026-11-10T11:00:00Z");
    const sim = await givenTagged([north]);
    setTime("2026-11-10T12:00:00Z");
    await acme.call("DELETE", `/sim?id=${sim}`);
    await acme.call("POST", "/sim", { id: sim });
    await acme.call("PATCH", `/sims/${sim}`, { tags: [south] });
    const key = await acme.givenKey({ tags: [south] });
    const late = { id: "former", time: "2026-11-10T11:30:00Z" };
    await stored(registrationOf(sim, { ...late, imei: IMEI, location: LOCATION }));
    for (const path of calls(sim, south)) {
      const { text } = await key.call("GET", path);
      for (const word of [IMEI, "55.61", "former"])
        expect([path, text.includes(word)]).toEqual([path, false]);
    }
  });
});
