import { describe, expect, it } from "vitest";
import { givenFaultyServer } from "./support/faulty-server";
import { isObject, listIn, objectIn } from "./support/request";
import { groundOf, numberIn, type Ran, simulate } from "./support/simulate";

/** Another seed in each story: they share a server, and a seed's SIMs are always the same. */
const fleet = (seed: number, sims: number) => ["--seed", String(seed), "--sims", String(sims)];
const quick = (seed: number, sims: number) => [...fleet(seed, sims), "--rate", "max"];

/** The tenth of the month before: what is summed by months is there as a whole, whatever day it is. */
function tenth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 10)).toISOString();
}
const START = tenth();

/** What the call shows that a run printed for a scenario, by a word of what it is said to show. */
async function shown(ran: Ran, word: string) {
  const { call, looks } = groundOf(ran);
  const look = looks.find(({ at }) => at.includes(word));
  if (!look) throw new Error(`no call shows ${word}:\n${ran.out}`);
  return call(look.path);
}

it("reports a fleet's day, all of which is accepted and stored, and prints calls that work", async () => {
  const ran = await simulate([...quick(1, 20), "--start", START]);
  expect(ran.errors).toContain("making 20 SIMs");
  expect(ran.code).toBe(0);
  expect(numberIn(ran, "accepted")).toBeGreaterThan(200);
  expect(numberIn(ran, "rejected")).toBe(0);
  expect(ran.out).not.toContain("not all of them are stored");
  const { call, looks } = groundOf(ran);
  expect(looks.length).toBeGreaterThan(3);
  for (const { path } of looks) expect([path, (await call(path)).status]).toEqual([path, 200]);
  expect(listIn(await call("/sims?filter=online:true"), "sims").length).toBeGreaterThan(2);
});

it("reports the same events again, each of which counts once", async () => {
  const same = [...quick(2, 5), "--start", START];
  const first = await simulate(same);
  const { account, call } = groundOf(first);
  const month = `/usage?filter=time:${START.slice(0, 7)}&group=sim`;
  const before = objectIn(await call(month));
  const second = await simulate([...same, "--account", account]);
  expect([second.code, numberIn(second, "accepted")]).toEqual([0, numberIn(first, "accepted")]);
  expect(objectIn(await call(month))).toMatchObject({ usage: before.usage, upload: before.upload });
  const third = await simulate(same);
  expect([third.code, third.errors]).toEqual([1, expect.stringContaining("--account")]);
});

describe.concurrent("shows and survives", () => {
  it("shows a stolen SIM by the other device's IMEI", async () => {
    const ran = await simulate([...quick(3, 3), "--scenario", "stolen-sim"]);
    const [sim] = listIn(await shown(ran, "phone's IMEI"), "sims");
    const log = listIn(await shown(ran, "its log"), "docs");
    expect(new Set(log.map(({ imei }) => imei)).size).toBe(2);
    expect(log.at(-1)).toMatchObject({ sim_id: sim?.id, imei: sim?.imei });
    expect(log[0]?.imei).not.toBe(sim?.imei);
  });

  it("shows a tracker abroad, and its usage in both countries", async () => {
    const ran = await simulate([...quick(4, 3), "--scenario", "border-crossing", "--start", START]);
    const usage = listIn(await shown(ran, "both countries"), "usage");
    const countries = usage.map(({ country_code }) => String(country_code).toUpperCase());
    expect(countries).toHaveLength(2);
    const { network } = objectIn(await shown(ran, "no longer those of"));
    const now = isObject(network) ? network.country_code : undefined;
    expect(countries).toContain(now);
    const log = listIn(await shown(ran, "leaves one network"), "docs");
    const [first] = log.map((entry) => entry.network);
    expect(isObject(first) && first.country_code).not.toBe(now);
  });

  it("shows since when a SIM runs away", async () => {
    const ran = await simulate([...quick(5, 6), "--scenario", "runaway-data", "--start", START]);
    const hours = listIn(await shown(ran, "since when"), "usage").map((row) => Number(row.bytes));
    expect(hours.length).toBeGreaterThan(12);
    const most = Math.max(...hours.slice(0, 8));
    expect(Math.min(...hours.slice(-8))).toBeGreaterThan(5 * most);
    expect((await shown(ran, "uses most")).status).toBe(200);
  });

  it("loses nothing when the endpoint is down for a while", async () => {
    const ran = await simulate([...quick(6, 6), "--scenario", "endpoint-outage"]);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("lost: 0") });
    expect(numberIn(ran, "POSTs refused during it:")).toBeGreaterThan(0);
    expect(numberIn(ran, "in the feed:")).toBe(numberIn(ran, "accepted"));
    expect(numberIn(ran, "taken in all:")).toBe(numberIn(ran, "accepted"));
    expect(listIn(await shown(ran, "tries that failed"), "deliveries")[0]).toMatchObject({
      response_status: 503,
    });
  });

  it("ends with its summary when it is interrupted", async () => {
    const slow = [...fleet(10, 20), "--rate", "10", "--scenario", "endpoint-outage"];
    const ran = await simulate(slow, { interruptAfter: /\d events/ });
    expect(ran.code).toBe(130);
    expect(ran.errors).not.toContain("failed");
    expect(numberIn(ran, "Reported")).toBeGreaterThan(0);
    expect(groundOf(ran).key).toMatch(/^sp_/);
  });

  it("tries again what a server refuses for a moment, and loses nothing by it", async () => {
    const { url } = await givenFaultyServer(429, "none", "cut", 503, "none");
    const ran = await simulate([...quick(7, 40), "--hours", "48", "--url", url]);
    expect(ran.code).toBe(0);
    expect(ran.errors).toMatch(/POST \/operator\/events was answered 429/);
    expect(ran.errors).toMatch(/POST \/operator\/events was answered 503/);
    expect(numberIn(ran, "accepted")).toBe(numberIn(ran, "Reported"));
    expect(ran.out).not.toContain("not all of them are stored");
  });

  it("tells its summary when the server is gone before all is stored", async () => {
    const { url } = await givenFaultyServer("gone");
    const ran = await simulate([...quick(8, 2), "--url", url]);
    expect([ran.code, ran.errors]).toEqual([1, expect.stringContaining("No server answers")]);
    expect(numberIn(ran, "accepted")).toBeGreaterThan(0);
    expect(ran.out).toContain(`simulate -- --url ${url} `);
    expect(groundOf(ran).key).toMatch(/^sp_/);
  });

  it("ends with what it reported when the server is gone", async () => {
    const { url } = await givenFaultyServer("none", "cut");
    const ran = await simulate([...quick(9, 40), "--hours", "48", "--url", url]);
    expect([ran.code, ran.errors]).toEqual([1, expect.stringContaining("No server answers")]);
    expect(numberIn(ran, "accepted")).toBe(2000);
    expect(groundOf(ran).key).toMatch(/^sp_/);
  });
});

describe.concurrent("says what is wrong", () => {
  const few = ["--sims", "1"];
  const wrong: [args: string[], code: number, says: string][] = [
    [["--sims", "none"], 2, "--sims none is not a number from 1 to 100000"],
    [["--scenario", "earthquake"], 2, "steady-day"],
    [[...few, "--url", "http://127.0.0.1:1"], 1, "No server answers at http://127.0.0.1:1"],
    [[...few, "--operator-key", "wrong"], 1, "does not know this operator's key"],
    [[...few, "--account", "nobody"], 1, "has no account of this id"],
  ];
  it.each(wrong)("%j", async (args, code, says) => {
    const ran = await simulate(args);
    expect([ran.code, ran.errors]).toEqual([code, expect.stringContaining(says)]);
  });
});
