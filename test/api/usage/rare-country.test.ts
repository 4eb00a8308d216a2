import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { type GivenAccount, givenAccount, type GivenKey } from "../../support/given-account";
import { givenMany, givenNorth } from "../../support/given-north";
import { givenUsage } from "./given-usage";

const SE = "/usage?filter[]=time:2026-03&filter[]=country_code:se&limit=10";

async function givenDays(sim_id: string, days: number[], count: number, country_code: string) {
  for (const day of days) {
    const time = `2026-03-${String(day).padStart(2, "0")} 12:00:00`;
    await givenUsage(...Array.from({ length: count }, () => ({ sim_id, time, country_code })));
  }
}

/** All pages of the records of a country, and the most rows that one of them read. */
async function pagesOf(caller: Pick<GivenKey, "call">) {
  const found: { time: string; country_code: string | null }[] = [];
  const reads: number[] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const { counts, d1 } = countingD1();
    const path: string = next ? `/usage?next_page=${next}&limit=10` : SE;
    const { json } = await caller.call("GET", path, undefined, { env: { DB: d1 } });
    found.push(...json.usage);
    reads.push(counts.rowsRead);
    next = json.pagination.next_page;
  }
  return { found, most: Math.max(...reads), pages: reads.length };
}

it("the records of a rare country are listed without reading all that lie between", async () => {
  const acme: GivenAccount = await givenAccount();
  const sim = await acme.givenSim();
  await givenDays(sim, [1, 20, 28], 2, "se");
  // More than one page looks through on a day that has both.
  await givenDays(sim, [...Array(14).fill(2), 4, 6, ...Array(6).fill(20)], 1000, "dk");
  const { found, most, pages } = await pagesOf(acme);
  expect(found.map(({ time, country_code }) => `${time.slice(0, 10)} ${country_code}`)).toEqual(
    ["01", "01", "20", "20", "28", "28"].map((day) => `2026-03-${day} se`),
  );
  expect(most).toBeLessThan(3 * 5000 + 200);
  expect(pages).toBeLessThan(8);
});

it("those that came without a country are listed likewise, and for a key with tags", async () => {
  const { acme, north, key } = await givenNorth();
  await givenMany(acme.id, north, 1);
  const other = await acme.givenSim();
  await givenDays("500000000", [1, 20], 3, "se");
  await givenDays(other, [1, 5, 20], 1000, "dk");
  await givenDays(other, [20], 3, "se");
  expect((await pagesOf(key)).found).toHaveLength(6);
  expect((await pagesOf(acme)).found).toHaveLength(9);
});
