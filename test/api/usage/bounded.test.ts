import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { type GivenAccount, givenAccount, type GivenKey } from "../../support/given-account";
import { givenMany, givenNorth } from "../../support/given-north";
import { givenUsage, pagesOf, usageOf } from "./given-usage";

/** Rows that the database reads for a call, and its answer. */
async function costOf(caller: Pick<GivenKey, "call">, path: string) {
  const { counts, d1 } = countingD1();
  const answer = await caller.call("GET", path, undefined, { env: { DB: d1 } });
  return { read: counts.rowsRead, answer };
}

const HOUR = "group=hours&filter=time:2026-03&limit=1000";
const DAYS = 25;
const SIMS = 150;

/** SIMs with a tag, each with one record a day at noon. */
async function givenTaggedUsage() {
  const { acme, north, key } = await givenNorth();
  await givenMany(acme.id, north, SIMS);
  for (let day = 1; day <= DAYS; day += 1) {
    const time = `2026-03-${String(day).padStart(2, "0")} 12:00:00`;
    await givenUsage(
      ...Array.from({ length: SIMS }, (_, n) => ({ sim_id: String(500_000_000 + n), time })),
    );
  }
  return { acme, key };
}

it("hours of a key with tags come in pages of a bounded number of records, none left out", async () => {
  const { acme, key } = await givenTaggedUsage();
  const hours: object[] = [];
  const reads: number[] = [];
  let next = "";
  do {
    const page = await costOf(key, `/usage?${next ? `next_page=${next}&limit=1000` : HOUR}`);
    reads.push(page.read);
    hours.push(...page.answer.json.usage);
    next = page.answer.json.pagination.next_page ?? "";
  } while (next);
  expect(reads.length).toBeGreaterThan(1);
  // Some 6 days' records of 150 SIMs, and the sums of the month.
  for (const read of reads) expect(read).toBeLessThan(10 * 1000 + 2 * SIMS * DAYS);
  const all = (await acme.call("GET", `/usage?${HOUR}`)).json;
  expect(hours).toEqual(all.usage);
  expect(hours).toHaveLength(DAYS);
});

it("a page of one hour of a key with tags reads no more than a whole page", async () => {
  const { key } = await givenTaggedUsage();
  const { read, answer } = await costOf(key, "/usage?group=hours&filter=time:2026&limit=1");
  expect(answer.json.usage).toHaveLength(1);
  expect(read).toBeLessThan(10 * 1000 + 2 * SIMS * DAYS);
});

it("groups of a key whose tags are on very many SIMs are refused, not read", async () => {
  const { acme, north, key } = await givenNorth();
  await givenMany(acme.id, north, 5001);
  for (const group of ["hours", "network"]) {
    const { read, answer } = await costOf(key, `/usage?group=${group}&filter=time:2026-03`);
    expect(answer).toAnswer(409, "usage_too_large");
    expect(read).toBeLessThan(40_000);
  }
  expect((await costOf(key, "/usage?group=days&filter=time:2026-03")).answer.status).toBe(200);
  const one = "/usage/500000001?group=hours&filter=time:2026-03";
  expect((await costOf(key, one)).answer.status).toBe(200);
});

/** Totals of many SIMs of a tag, one for each of their days from 2026-01-01 on; put in, since as many reports take minutes. */
async function givenTotals(sims: number, days: number) {
  const given = await givenNorth();
  await givenMany(given.acme.id, given.north, sims);
  const first = Date.UTC(2026, 0, 1) / 86_400_000;
  await env.DB.prepare(
    `INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes)
     WITH RECURSIVE n (day) AS (SELECT ?2 UNION ALL SELECT day + 1 FROM n WHERE day < ?2 + ?3 - 1)
     SELECT ?1, sims.id, n.day, 'dk', 1, 1, 1, '[]' FROM sims CROSS JOIN n WHERE sims.account_id = ?1`,
  )
    .bind(given.acme.id, first, days)
    .run();
  return given;
}

it("sums of a tag's SIMs over more days than a call may add up are refused, and those days are not read", async () => {
  const { acme, key, north } = await givenTotals(1200, 300);
  const year = "filter=time:2026";
  const refused: [Pick<GivenKey, "call">, string][] = [
    [key, `/usage?${year}`],
    [key, "/usage?time_begin=2026-01-01T00:00:00Z&time_end=2027-01-01T00:00:00Z"],
    [key, `/usage?${year}&group=days`],
    [key, `/usage?${year}&group=months`],
    [key, `/usage?${year}&group=country`],
    [acme, `/usage/tag-total/${north}?${year}`],
  ];
  for (const [caller, path] of refused) {
    const { read, answer } = await costOf(caller, path);
    expect(answer).toAnswer(409, "usage_too_large");
    expect(read).toBeLessThan(7 * 300_000);
  }
  const months = await costOf(key, "/usage?filter=time:2026-02&group=days");
  expect(months.answer.json.usage).toHaveLength(28);
  expect(months.answer.json.upload).toBe(String(1200 * 28));
  const total = await costOf(acme, `/usage/tag-total/${north}?filter=time:2026-02`);
  expect(total.answer.json).toMatchObject({ sims: 1200, upload: String(1200 * 28) });
});

/** An account with so many records in each hour of a day, some on the half hour. */
async function givenDay(anHour: number): Promise<GivenAccount> {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  for (let hour = 0; hour < 24; hour += 1)
    await givenUsage(
      ...Array.from({ length: anHour }, (_, n) => ({
        sim_id,
        country_code: n % 3 ? "dk" : "de",
        time: `2026-03-10 ${String(hour).padStart(2, "0")}:${n % 2 ? "10" : "40"}:00`,
      })),
    );
  return acme;
}

it.each([
  ["2026-03-10T00:00:00Z", "2026-03-10T11:59:59Z", 12],
  ["2026-03-10T12:00:00Z", "2026-03-11T00:00:00Z", 12],
  ["2026-03-10T00:30:00Z", "2026-03-10T21:30:00Z", 21],
  ["2026-03-09T12:00:00Z", "2026-03-10T08:15:00Z", 8.5],
  ["2026-03-10T05:20:00Z", "2026-03-10T05:50:00Z", 0.5],
  ["2026-03-10T05:20:00Z", "2026-03-10T06:30:00Z", 1],
])("the sums of a part of a day read an hour or two: %s to %s", async (begin, end, hours) => {
  const anHour = 60;
  const acme = await givenDay(anHour);
  const { read, answer } = await costOf(acme, `/usage?time_begin=${begin}&time_end=${end}&limit=1`);
  expect(answer.json.upload).toBe(String(10 * anHour * hours));
  expect(read).toBeLessThan(8 * anHour);
});

it("a classic page within one crowded minute reads no more than its records", async () => {
  const acme = await givenAccount();
  const sims: string[] = [];
  for (let n = 0; n < 10; n += 1) sims.push(await acme.givenSim());
  for (let part = 0; part < 2; part += 1)
    await givenUsage(
      ...Array.from({ length: 600 }, (_, n) => ({
        sim_id: sims[n % 10] ?? "",
        time: `2026-03-10 12:00:${String(n % 60).padStart(2, "0")}`,
      })),
    );
  const period = { time_begin: "2026-03-10 00:00:00", time_end: "2026-03-11 00:00:00" };
  const query = new URLSearchParams({ ...period, limit: "100" });
  const { read, answer } = await costOf(acme, `/usage?${query.toString()}`);
  expect(answer.json.usage).toHaveLength(100);
  expect(read).toBeLessThan(4 * 100 + 50);
  const pages = await pagesOf(acme, { ...period, limit: "100" });
  expect(new Set(pages.flat().map(({ bill_id }) => bill_id)).size).toBe(1200);
  for (const page of pages) {
    const times = page.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  }
  const whole = await usageOf(acme, { ...period, limit: "1000" });
  expect(whole.json.usage).toHaveLength(1000);
});
