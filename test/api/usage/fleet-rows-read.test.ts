import { beforeEach, expect, it } from "vitest";
import { iccidOf } from "../../../src/api/sims/iccid";
import { countingD1 } from "../../support/counting";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { givenUsage, type Reported } from "./given-usage";

const DAYS = 31;

let acme: GivenAccount;
/** A SIM with one record a day, one with twelve a day and in two countries, and one that fills their minutes. */
let sims: [rare: string, often: string, busy: string];

beforeEach(async () => {
  acme = await givenAccount();
  sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
  const [rare, often, busy] = sims;
  for (let day = 1; day <= DAYS; day += 1) {
    const at = (sim_id: string, index: number): Reported => {
      const time = `2026-03-${String(day).padStart(2, "0")} 0${index % 10}:${10 + index}:00`;
      return { sim_id, time, country_code: day % 10 === 0 && index > 5 ? "de" : "dk" };
    };
    const indexes = Array.from({ length: 12 }, (_, index) => index);
    await givenUsage(
      at(rare, 5),
      ...indexes.map((index) => at(often, index)),
      ...indexes.flatMap((index) => [at(busy, index), at(busy, index), at(busy, index)]),
    );
  }
});

/** Rows that the database read for a page, and how many are on it; of the page behind it too. */
async function pagesRead(path: string) {
  const read: { read: number; rows: number }[] = [];
  let next_page = "";
  for (let page = 0; page < 2; page += 1) {
    const { counts, d1 } = countingD1();
    const asked = next_page ? `${path}&next_page=${next_page}` : path;
    const { json } = await acme.call("GET", asked, undefined, { env: { DB: d1 } });
    read.push({ read: counts.rowsRead, rows: json.usage.length });
    if (!json.pagination.has_more) break;
    next_page = json.pagination.next_page;
  }
  return read;
}

it("reads of a SIM's month and of an account's day at most four rows a row, and fifty", async () => {
  const [rare, often] = sims;
  const month = "filter=time:2026-03";
  const calls: [path: string, rows: number[]][] = [
    [`/usage/${rare}?${month}`, [31]],
    [`/usage/${iccidOf(rare)}?${month}`, [31]],
    [`/usage/${iccidOf(rare).slice(0, 19)}?${month}&limit=10`, [10, 10]],
    [`/usage/${often}?${month}`, [372]],
    [`/usage/${often}?${month}&limit=100`, [100, 100]],
    [`/usage/${often}?${month}&limit=10`, [10, 10]],
    [`/usage?filter[]=time:2026-03&filter[]=sim_id:${often}&limit=100`, [100, 100]],
    ["/usage?filter=time:2026-03-10", [49]],
    ["/usage?filter=time:2026-03-10&limit=10", [10, 10]],
    ["/usage?filter=time:2026-03&limit=1000", [1000, 519]],
    ["/usage?filter=time:2026-03-10&group=hours", [10]],
    ["/usage?filter=time:2026-03&group=days", [31]],
    [`/usage/${often}?${month}&group=days`, [31]],
  ];
  for (const [path, rows] of calls) {
    const read = await pagesRead(path);
    expect([path, read.map((page) => page.rows)]).toEqual([path, rows]);
    for (const page of read) expect(page.read).toBeLessThanOrEqual(4 * page.rows + 50);
  }
});

it("reads a SIM's month without reading the minutes of its neighbours", async () => {
  const [rare] = sims;
  const read = async () => pagesRead(`/usage/${rare}?filter=time:2026-03`);
  const before = await read();
  const neighbour = await acme.givenSim();
  const minute = Array.from({ length: 300 }, () => ({
    sim_id: neighbour,
    time: "2026-03-10 05:15:00",
  }));
  await givenUsage(...minute);
  expect(await read()).toEqual(before);
});

it("reads of an account's crowded minute no more than its page", async () => {
  const sim_id = await acme.givenSim();
  await givenUsage(...Array.from({ length: 900 }, () => ({ sim_id, time: "2026-05-10 12:00:30" })));
  const pages = await pagesRead("/usage?filter=time:2026-05-10&limit=20");
  for (const { read, rows } of pages) {
    expect(rows).toBe(20);
    expect(read).toBeLessThanOrEqual(4 * rows + 50);
  }
});

it("reads nothing of the records where a country has none", async () => {
  const [{ read } = { read: Infinity }] = await pagesRead(
    "/usage?filter[]=time:2026-03&filter[]=country_code:se",
  );
  expect(read).toBeLessThan(4 * 2 * DAYS);
});

it("reads of a SIM's hours no more than the page's", async () => {
  const sim_id = await acme.givenSim();
  const minutes = Array.from({ length: 4 * 24 * 12 }, (_, index) => index * 5);
  const begin = Date.UTC(2026, 4, 1);
  await givenUsage(
    ...minutes.map((minute) => ({
      sim_id,
      time: new Date(begin + minute * 60_000).toISOString(),
    })),
  );
  // A page and the hour behind it: 48 records. The minutes of their day are looked through, 288.
  for (const { read, rows } of await pagesRead(
    `/usage/${sim_id}?filter=time:2026-05&group=hours&limit=3`,
  )) {
    expect(rows).toBe(3);
    expect(read).toBeLessThanOrEqual(600);
  }
});
