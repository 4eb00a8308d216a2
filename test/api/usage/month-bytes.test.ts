import * as fc from "fast-check";
import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";
import { givenUsage } from "./given-usage";

const DAY = 86_400_000;

/** Days around the ends of months, a leap day among them. */
const DAYS = [
  ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01", "2024-12-31"],
  ["2025-01-01", "2025-02-28", "2025-03-01"],
].flat();

const record = fc.record({
  sim: fc.nat(1),
  time: fc
    .tuple(
      fc.constantFrom(...DAYS),
      fc.constantFrom(0, 1, 59_999, 60_000, 3_600_000, DAY / 2, DAY - 1),
    )
    .map(([date, further]) => Date.parse(date) + further),
  country_code: fc.constantFrom("de", "dk", "se"),
  upload: fc.nat(1000),
  download: fc.nat(1e9),
  network: fc.constantFrom(undefined, { mcc: "238", mnc: "01" }, { mcc: "262", mnc: "02" }),
  run: fc.nat(3),
});

it("keeps a month's bytes, a day's minutes and an account's hours, in whatever order records come", async () => {
  const property = fc.asyncProperty(fc.array(record, { maxLength: 40 }), async (records) => {
    const acme = await givenAccount();
    const sims = [await acme.givenSim(), await acme.givenSim()];
    const given = records.map(({ sim, time, run, network, ...rest }, index) => ({
      sim_id: sims[sim] ?? "",
      bill_id: `${acme.id}-${index}`,
      ms: time,
      run,
      ...rest,
      ...(network && { network }),
    }));
    for (const run of [0, 1, 2, 3]) {
      // Each run reports again what the run before it did.
      const some = given.filter((one) => one.run === run || one.run === run - 1);
      await givenUsage(...some.map(({ ms, ...one }) => ({ ...one, time: iso(ms) })));
    }
    const mine = async (table: string) =>
      (await storedIn(table)).filter(({ account_id }) => account_id === acme.id);

    const days = Map.groupBy(given, (one) =>
      [one.sim_id, Math.floor(one.ms / DAY), one.country_code].join(),
    );
    const expected = [...days.values()].flatMap((of) => {
      const [first] = of;
      if (!first) return [];
      const { sim_id, ms, country_code } = first;
      const inDay = Math.floor(ms / DAY);
      const upToIt = given.filter(
        (one) =>
          one.sim_id === sim_id &&
          iso(one.ms).slice(0, 7) === iso(ms).slice(0, 7) &&
          (iso(one.ms).slice(0, 10) < iso(ms).slice(0, 10) ||
            (Math.floor(one.ms / DAY) === inDay && one.country_code <= country_code)),
      );
      const minutes = new Set(of.map((one) => Math.floor((one.ms % DAY) / 60_000)));
      return {
        account_id: acme.id,
        sim_id,
        day: inDay,
        country_code,
        ...sumsOf(of),
        minutes: JSON.stringify([...minutes].toSorted((a, b) => a - b)),
        month_bytes: bytesOf(upToIt),
        last_time: Math.max(...of.map((one) => one.ms)),
      };
    });
    expect(sorted(await mine("usage_days"))).toEqual(sorted(expected));

    const hours = Map.groupBy(given, (one) =>
      JSON.stringify({
        hour: Math.floor(one.ms / 3_600_000),
        country_code: one.country_code,
        network: one.network ? `${one.network.mcc}-${one.network.mnc}` : "",
      }),
    );
    const expectedHours = [...hours].map(([key, of]) => {
      return { account_id: acme.id, ...JSON.parse(key), ...sumsOf(of) };
    });
    expect(sorted(await mine("account_hours"))).toEqual(sorted(expectedHours));
  });
  await fc.assert(property, { numRuns: 40 });
}, 60_000);

it("counts a SIM's day in two countries, and a late record, in all of the month's later days", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const used = (time: string, country_code: string, upload: number) =>
    givenUsage({ sim_id, time: `${time} 12:00:00`, country_code, upload, download: 0 });
  await used("2026-03-10", "dk", 1);
  await used("2026-03-12", "dk", 10);
  await used("2026-04-01", "dk", 100);
  await used("2026-03-10", "de", 1000);
  await used("2026-03-11", "se", 10_000);
  await used("2026-03-12", "dk", 100_000);
  const rows = (await storedIn("usage_days")).map((row) => row.month_bytes);
  expect(rows).toEqual([1000, 1001, 11_001, 111_011, 100]);
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

interface Sized {
  upload: number;
  download: number;
}

function sumsOf(of: Sized[]) {
  const sum = (field: keyof Sized) => of.reduce((total, one) => total + one[field], 0);
  return { upload: sum("upload"), download: sum("download"), records: of.length };
}

function bytesOf(of: Sized[]): number {
  const { upload, download } = sumsOf(of);
  return upload + download;
}

function sorted(rows: Record<string, unknown>[]) {
  const fields = (row: Record<string, unknown>) =>
    Object.entries(row).map(([name, value]) => `${name}: ${String(value)}`);
  return rows.map((row) => fields(row).toSorted().join()).toSorted();
}
