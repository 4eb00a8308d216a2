import * as fc from "fast-check";
import { expect, it } from "vitest";
import { classicTime, DAY_MS, MINUTE_MS } from "../../../src/platform/time";
import { givenAccount } from "../../support/given-account";
import { givenUsage, pagesOf, type Reported, usageOf } from "./given-usage";

/** Midnight, and places around it where days, minutes and seconds meet. */
const MIDNIGHT = Date.UTC(2026, 2, 10);
const PLACES = [
  -DAY_MS,
  -60_000,
  -1000,
  -1,
  0,
  1,
  500,
  999,
  1000,
  59_999,
  60_000,
  61_000,
  DAY_MS - 1000,
  DAY_MS,
];
const time = fc
  .tuple(fc.constantFrom(...PLACES), fc.constantFrom(0, 0, 0, 1, 30_000, 3_600_000))
  .map(([place, further]) => MIDNIGHT + place + further);

const record = fc.record({
  sim: fc.nat(2),
  time,
  country_code: fc.constantFrom("dk", "de", "se"),
  operation: fc.constantFrom("start", "update", "finalize"),
  upload: fc.nat(1000),
  download: fc.nat(1e9),
  withId: fc.boolean(),
  run: fc.nat(3),
});

const query = fc.record({
  begin: time,
  end: time,
  sim: fc.option(fc.nat(2), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 9 }),
});

it("answers the records and sums that a plain filter and sort of all records gives", async () => {
  const property = fc.asyncProperty(
    fc.array(record, { maxLength: 40 }),
    fc.array(query, { minLength: 1, maxLength: 4 }),
    async (records, queries) => {
      const acme = await givenAccount();
      const sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
      const stored = records.map((one, index) => ({
        ...one,
        sim_id: sims[one.sim] ?? "",
        bill_id: `${acme.id}-${index}`,
      }));
      for (const run of [0, 1, 2, 3]) {
        // Each run reports again what the run before it did.
        const some = stored.filter((one) => one.run === run || one.run === run - 1);
        await givenUsage(...some.map(reported));
      }
      for (const { sim, limit, ...period } of queries) {
        const [begin, end] = [
          Math.min(period.begin, period.end),
          Math.max(period.begin, period.end),
        ];
        const expected = stored
          .filter((one) => one.time >= begin && one.time < end)
          .filter((one) => sim === undefined || one.sim === sim)
          .toSorted((a, b) => a.time - b.time);
        const asked = {
          time_begin: new Date(begin).toISOString(),
          time_end: new Date(end).toISOString(),
          limit: String(limit),
          ...(sim !== undefined && { sim_id: sims[sim] ?? "" }),
        };
        const bills = (await pagesOf(acme, asked)).flat().map(({ bill_id }) => bill_id);
        expect(bills.toSorted()).toEqual(expected.map((one) => one.bill_id).toSorted());
        // Of all SIMs the pages go by minute: within one, a page may begin before the page before it ended.
        const placeOf = (at: number) => (sim === undefined ? Math.floor(at / MINUTE_MS) : at);
        const timeOf = new Map(expected.map((one) => [one.bill_id, one.time]));
        expect(bills.map((bill) => placeOf(timeOf.get(bill) ?? 0))).toEqual(
          expected.map((one) => placeOf(one.time)),
        );

        const { usage, upload, download } = (await usageOf(acme, { ...asked, limit: "1000" })).json;
        const sum = (field: "upload" | "download") =>
          String(expected.reduce((total, one) => total + one[field], 0));
        expect({ upload, download }).toEqual({ upload: sum("upload"), download: sum("download") });
        for (const answered of usage) {
          const one = expected.find(({ bill_id }) => bill_id === answered.bill_id);
          expect(answered).toMatchObject({
            time: classicTime(one?.time ?? 0),
            sim_id: one?.sim_id,
            country_code: one?.country_code,
            upload: String(one?.upload),
          });
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 30 });
}, 30_000);

function reported(one: {
  withId: boolean;
  bill_id: string;
  sim_id: string;
  time: number;
  country_code: string;
  operation: string;
  upload: number;
  download: number;
}): Reported {
  const { withId, bill_id, sim_id, country_code, operation, upload, download } = one;
  return {
    bill_id,
    sim_id,
    country_code,
    operation,
    upload,
    download,
    time: new Date(one.time).toISOString(),
    ...(withId && { id: `id-${bill_id}` }),
  };
}
