import * as fc from "fast-check";
import { expect, it } from "vitest";
import { classicTime } from "../../../src/platform/time";
import { iccidOf } from "../../../src/api/sims/iccid";
import { givenAccount } from "../../support/given-account";
import { fleetPagesOf, fleetUsageOf, givenUsage } from "./given-usage";

const GROUPS = ["hours", "days", "months", "sim", "country", "network"] as const;

const PLACES = ["2025-12-31T23:00", "2026-01-01T00:00", "2026-03-10T12:00", "2026-04-01T00:00"];

const record = fc.record({
  sim: fc.nat(2),
  ms: fc
    .tuple(fc.constantFrom(...PLACES), fc.constantFrom(0, 59_999, 3_599_999, 3_600_000, 90_000_000))
    .map(([place, further]) => Date.parse(`${place}:00Z`) + further),
  country_code: fc.constantFrom("de", "dk"),
  network: fc.constantFrom(
    undefined,
    { mcc: "238", mnc: "01" },
    { mcc: "238", mnc: "010" },
    { mcc: "262" },
  ),
  upload: fc.nat(1000),
  download: fc.nat(1e9),
  run: fc.nat(1),
});

const question = fc.record({
  group: fc.constantFrom(...GROUPS),
  time: fc.constantFrom("2025", "2026", "2026-01", "2026-03", "2026-03-10", "2026-03-11"),
  sim: fc.option(fc.nat(2), { nil: undefined }),
  country: fc.option(fc.constantFrom("de", "DK"), { nil: undefined }),
  inPath: fc.boolean(),
  limit: fc.integer({ min: 1, max: 4 }),
});

interface Given {
  sim_id: string;
  ms: number;
  country_code: string;
  network?: { mcc: string; mnc?: string } | undefined;
  upload: number;
  download: number;
}

/** What a group is named by, as JSON. */
function nameOf(group: (typeof GROUPS)[number], one: Given): string {
  const { sim_id, ms, country_code, network } = one;
  const at = new Date(ms).toISOString();
  const { mcc = null, mnc = null } = network?.mnc ? network : {};
  const names = {
    hours: { time: `${at.slice(0, 10)} ${at.slice(11, 13)}:00:00` },
    days: { time: `${at.slice(0, 10)} 00:00:00` },
    months: { time: `${at.slice(0, 7)}-01 00:00:00` },
    sim: { sim_id, iccid: iccidOf(sim_id) },
    country: { country_code },
    network: { country_code, network: { mcc, mnc } },
  };
  return JSON.stringify(names[group]);
}

function sumsOf(some: Given[]) {
  const sum = (field: "upload" | "download") => some.reduce((all, one) => all + one[field], 0);
  const [upload, download] = [sum("upload"), sum("download")];
  return { bytes: upload + download, upload: String(upload), download: String(download) };
}

it("answers the groups that a plain grouping of all records gives", async () => {
  const property = fc.asyncProperty(
    fc.array(record, { maxLength: 30 }),
    fc.array(question, { minLength: 4, maxLength: 8 }),
    async (records, questions) => {
      const acme = await givenAccount();
      const sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
      const given = records.map(({ sim, ...one }, index) => {
        return { ...one, sim_id: sims[sim] ?? "", bill_id: `bill-${index}` };
      });
      for (const run of [0, 1])
        await givenUsage(
          ...given
            .filter((one) => one.run === run)
            .map(({ ms, network, ...one }) => {
              return { ...one, time: new Date(ms).toISOString(), ...(network && { network }) };
            }),
        );
      for (const { group, time, sim, country, inPath, limit } of questions) {
        const sim_id = sim === undefined ? undefined : (sims[sim] ?? "");
        const asked = given
          .filter((one) => new Date(one.ms).toISOString().startsWith(time))
          .filter((one) => sim_id === undefined || one.sim_id === sim_id)
          .filter((one) => !country || one.country_code === country.toLowerCase());
        const groups = Map.groupBy(asked, (one) => nameOf(group, one));
        // Every SIM is listed, with nothing too.
        if (group === "sim")
          for (const id of sims)
            if (sim_id === undefined || sim_id === id)
              groups.getOrInsert(JSON.stringify({ sim_id: id, iccid: iccidOf(id) }), []);
        const expected = [...groups].map(([name, some]) => {
          return { ...JSON.parse(name), ...sumsOf(some), records: some.length };
        });
        const path = inPath && sim_id ? `/usage/${sim_id}` : "/usage";
        const filters = [
          `time:${time}`,
          ...(sim_id && !inPath ? [`sim_id:${sim_id}`] : []),
          ...(country ? [`country_code:${country}`] : []),
        ];
        const pages = await fleetPagesOf(acme, path, filters, { group, limit: String(limit) });
        const text = (rows: object[]) => rows.map((row) => JSON.stringify(row));
        expect(text(pages.flat())).toEqual(text(expected).toSorted(byName));
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        const { upload, download } = (await fleetUsageOf(acme, path, filters, { group })).json;
        const { bytes, ...sums } = sumsOf(asked);
        expect({ upload, download }).toEqual(sums);
        expect(Number(upload) + Number(download)).toBe(bytes);
      }
    },
  );
  await fc.assert(property, { numRuns: 40 });
}, 90_000);

/** By what names the group: what is not known comes first. */
function byName(a: string, b: string): number {
  const plain = (text: string) => text.replaceAll("null", '""');
  return plain(a) < plain(b) ? -1 : 1;
}

it("takes the whole of this month where no time is given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const now = new Date();
  const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
  await givenUsage(
    { sim_id, time: classicTime(month - 1000) },
    { sim_id, time: classicTime(month) },
    { sim_id, time: new Date(now.getTime()).toISOString() },
  );
  const { json } = await fleetUsageOf(acme, "/usage", [], { group: "months" });
  expect(json.usage).toEqual([
    { time: classicTime(month), bytes: 220, upload: "20", download: "200", records: 2 },
  ]);
  expect(json).toMatchObject({ upload: "20", download: "200" });
});

it("passes over a group that comes behind the page that it would have been on", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const at = (day: number) => ({ sim_id, time: `2026-03-${day} 12:00:00` });
  await givenUsage(at(10), at(12), at(14));
  const query = { group: "days", limit: "1" };
  const { next_page } = (await fleetUsageOf(acme, "/usage", ["time:2026"], query)).json.pagination;
  await givenUsage(...[10, 11, 13, 15].map(at), { ...at(10), country_code: "de" });
  const { usage } = (await fleetUsageOf(acme, "/usage", [], { next_page })).json;
  const days = usage.map(({ time }: { time: string }) => time.slice(8, 10));
  expect(days).toEqual(["11", "12", "13", "14", "15"]);
});
