import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { givenAccount } from "../../support/given-account";
import { givenUsage, type Reported } from "./given-usage";

const DAY = "time_begin=2026-03-10T00:00:00Z&time_end=2026-03-11T00:00:00Z";
const PART_OF_DAY = "time_begin=2026-03-10T00:00:10Z&time_end=2026-03-10T00:40:10Z";

const at = (index: number) => `2026-03-10 00:${String(index % 50).padStart(2, "0")}:30`;

/** A SIM with 50 records, one a minute, in an account whose other SIMs have that many in the same minutes. */
async function givenBusyAccount(others: number) {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const neighbours = [await acme.givenSim(), await acme.givenSim()];
  await givenUsage(...Array.from({ length: 50 }, (_, index) => ({ sim_id, time: at(index) })));
  const busy = Array.from({ length: others }, (_, index): Reported => {
    return { sim_id: neighbours[index % 2] ?? "", time: at(index) };
  });
  await givenUsage(...busy);
  return { acme, sim_id };
}

/** Rows that the database read for an answer, and how many records are in it. */
async function rowsRead(others: number, query: string, perSim = true) {
  const { acme, sim_id } = await givenBusyAccount(others);
  const { counts, d1 } = countingD1();
  const path = `/usage?${query}${perSim ? `&sim_id=${sim_id}` : ""}`;
  const { json } = await acme.call("GET", path, undefined, { env: { DB: d1 } });
  return { read: counts.rowsRead, records: json.usage.length };
}

it.each([DAY, PART_OF_DAY, `${DAY}&limit=10`])(
  "reads a SIM's usage without reading its neighbours': %s",
  async (query) => {
    const quiet = await rowsRead(200, query);
    expect(quiet.read).toBeGreaterThanOrEqual(quiet.records);
    expect(await rowsRead(2000, query)).toEqual(quiet);
  },
);

it("reads about as many rows as it answers of a SIM", async () => {
  const { read, records } = await rowsRead(200, DAY);
  expect(records).toBe(50);
  expect(read).toBeLessThan(8 * records);
});

it("reads of an account's whole days no more than the minutes of its page", async () => {
  const { read, records } = await rowsRead(2000, `${DAY}&limit=10`, false);
  expect(records).toBe(10);
  // A minute holds 41 of the 2,050 records, and is sorted as a whole.
  expect(read).toBeLessThan(4 * 41);
});

it("reads of an account's day no more than the minutes that are asked for", async () => {
  const { read, records } = await rowsRead(
    2000,
    "time_begin=2026-03-10T00:20:00Z&time_end=2026-03-10T00:22:00Z",
    false,
  );
  expect(records).toBe(82);
  expect(read).toBeLessThan(8 * records);
});
