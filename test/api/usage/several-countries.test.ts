import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../src/platform/time";
import { givenNorth } from "../../support/given-north";
import type { Answer } from "../../support/call";
import { givenUsage, type UsageRecord } from "./given-usage";

const FIRST_DAY = Date.UTC(2026, 2, 10);
const DAYS = 4;
const MARCH = { time_begin: "2026-03-01T00:00:00Z", time_end: "2026-04-01T00:00:00Z" };

/** A moment of four days: few minutes of each, so that countries alternate within a day and share minutes. */
const time = fc
  .tuple(fc.nat(DAYS - 1), fc.nat(7), fc.constantFrom(0, 1, 30_000, 59_999))
  .map(([day, minute, further]) => FIRST_DAY + day * DAY_MS + minute * 10_800_000 + further);

const record = fc.record({
  time,
  own: fc.constantFrom(true, true, true, false),
  country_code: fc.constantFrom("de", "dk", "no", "se"),
  upload: fc.nat(1000),
  download: fc.nat(1e6),
});

/** Half of the periods have whole days behind their first: their pages go by the totals of days. */
const question = fc.record({
  begin: fc.oneof(fc.constant(FIRST_DAY - 1), time),
  end: fc.oneof(fc.constant(FIRST_DAY + DAYS * DAY_MS), time),
  day: fc.nat(DAYS - 1),
  limit: fc.integer({ min: 1, max: 20 }),
});

type Ask = (path: string) => Promise<Answer>;

/** Follows `next_page` to the end; answers all records, and the sums of the first page. */
async function pagesOf(ask: Ask, path: string, query: Record<string, string>) {
  const bills: string[] = [];
  let sums: { upload: string; download: string } | undefined;
  for (let next: string | undefined = ""; next !== undefined;) {
    const parameters = new URLSearchParams({ ...query, ...(next && { next_page: next }) });
    const { status, text, json } = await ask(`${path}?${parameters.toString()}`);
    if (status !== 200) throw new Error(`${status} ${text}`);
    sums ??= { upload: json.upload, download: json.download };
    expect({ upload: json.upload, download: json.download }).toEqual(sums);
    bills.push(...json.usage.map(({ bill_id }: UsageRecord) => bill_id));
    next = json.pagination.next_page;
  }
  return { bills, ...sums };
}

/** A SIM that a key with a tag sees, and one that it does not see. */
async function givenTwoSims() {
  const { acme, north, south, key, givenTagged } = await givenNorth();
  return { acme, key, own: await givenTagged([north]), other: await givenTagged([south]) };
}

describe("usage of a SIM that is in several countries on one day", () => {
  it("is listed whole by pages of two", async () => {
    const { acme, key, own } = await givenTwoSims();
    const at = (minute: number, country_code: string) => ({
      sim_id: own,
      bill_id: `at ${minute}`,
      time: `2026-03-10 10:0${minute}:00`,
      country_code,
    });
    await givenUsage(at(1, "dk"), at(2, "se"), at(3, "dk"), at(4, "dk"));
    for (const whose of [acme, key]) {
      const ask: Ask = (path) => whose.call("GET", path);
      const { bills } = await pagesOf(ask, "/usage", { ...MARCH, sim_id: own, limit: "2" });
      expect(bills).toEqual(["at 1", "at 2", "at 3", "at 4"]);
    }
  });

  it("is listed as a plain list has it, in both dialects, for keys with and without tags", async () => {
    const property = fc.asyncProperty(
      fc.array(record, { minLength: 10, maxLength: 60 }),
      fc.array(question, { minLength: 1, maxLength: 4 }),
      async (records, questions) => {
        const { acme, key, own, other } = await givenTwoSims();
        const stored = records.map((one, index) => ({ ...one, bill_id: `${own} ${index}` }));
        await givenUsage(
          ...stored.map(({ own: isOwn, ...one }) => ({
            ...one,
            sim_id: isOwn ? own : other,
            time: new Date(one.time).toISOString(),
          })),
        );
        const all: Ask = (path) => acme.call("GET", path);
        const tagged: Ask = (path) => key.call("GET", path);
        const mine = stored.filter((one) => one.own);
        for (const { begin, end, day, limit } of questions) {
          const [from, to] = [Math.min(begin, end), Math.max(begin, end)];
          const period = {
            time_begin: new Date(from).toISOString(),
            time_end: new Date(to).toISOString(),
            limit: String(limit),
          };
          const dayBegin = FIRST_DAY + day * DAY_MS;
          const oneDay = {
            "filter[]": `time:${new Date(dayBegin).toISOString().slice(0, 10)}`,
            limit: String(limit),
          };
          const asked: [Ask, string, Record<string, string>, typeof stored, number, number][] = [
            [all, "/usage", { ...period, sim_id: own }, mine, from, to],
            [tagged, "/usage", { ...period, sim_id: own }, mine, from, to],
            [all, "/usage", period, stored, from, to],
            [tagged, "/usage", period, mine, from, to],
            [all, `/usage/${own}`, oneDay, mine, dayBegin, dayBegin + DAY_MS],
            [tagged, `/usage/${own}`, oneDay, mine, dayBegin, dayBegin + DAY_MS],
            [all, "/usage", oneDay, stored, dayBegin, dayBegin + DAY_MS],
            [tagged, "/usage", oneDay, mine, dayBegin, dayBegin + DAY_MS],
          ];
          for (const [ask, path, query, whole, first, behind] of asked) {
            const expected = whole.filter((one) => one.time >= first && one.time < behind);
            const answered = await pagesOf(ask, path, query);
            expect(answered.bills.toSorted()).toEqual(
              expected.map(({ bill_id }) => bill_id).toSorted(),
            );
            const sum = (field: "upload" | "download") =>
              String(expected.reduce((total, one) => total + one[field], 0));
            expect(answered).toMatchObject({ upload: sum("upload"), download: sum("download") });
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 25 });
  }, 120_000);
});
