import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { givenUsage, pagesOf, usageOf, type Reported, type UsageRecord } from "./given-usage";

const MARCH = { time_begin: "2026-03-01 00:00:00", time_end: "2026-04-01 00:00:00" };

/** Records of each SIM. */
const COUNT = 22;

/** Bills in the order of their names. */
const bill = (index: number) => `bill-${String(index).padStart(4, "0")}`;

function many(count: number, record: (index: number) => Reported): Reported[] {
  return Array.from({ length: count }, (_, index) => ({ bill_id: bill(index), ...record(index) }));
}

it("has no next page on the last one, a full one too", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage(...many(4, () => ({ sim_id })));
  for (const whose of [{ sim_id }, {}]) {
    const first = await usageOf(acme, { ...whose, ...MARCH, limit: "2" });
    const { has_more, next_page } = first.json.pagination;
    expect(has_more).toBe(true);
    const last = await usageOf(acme, { ...whose, ...MARCH, limit: "2", next_page });
    expect(last.json.usage).toHaveLength(2);
    expect(last.json.pagination).toEqual({ has_more: false });
  }
});

it("answers 1,000 records unless told otherwise", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage(...many(1001, () => ({ sim_id })));
  for (const whose of [{ sim_id }, {}]) {
    const { usage, pagination } = (await usageOf(acme, { ...whose, ...MARCH })).json;
    expect(usage).toHaveLength(1000);
    expect(pagination.has_more).toBe(true);
  }
});

const SPREADS: [name: string, record: (index: number, sim: number) => Omit<Reported, "sim_id">][] =
  [
    ["in one second", () => ({ time: "2026-03-10 12:00:00" })],
    [
      "in one minute",
      (index) => ({ time: `2026-03-10 12:00:${String(index % 60).padStart(2, "0")}` }),
    ],
    [
      "in many minutes",
      (index) => ({ time: `2026-03-10 12:${String(index % 60).padStart(2, "0")}:30` }),
    ],
    [
      "on many days",
      (index) => ({ time: `2026-03-${String(1 + (index % 31)).padStart(2, "0")} 12:00:00` }),
    ],
    ["in many countries", (index) => ({ country_code: ["dk", "de", "se"][index % 3] ?? "no" })],
    [
      "with the operations of one bill",
      (index) => ({
        bill_id: bill(Math.floor(index / 3)),
        operation: ["start", "update", "finalize"][index % 3] ?? "",
      }),
    ],
    ["with ids", (index, sim) => ({ bill_id: "one bill", id: `event-${sim}-${index}` })],
  ];

it.each(SPREADS)("never skips or repeats records %s", async (_, spread) => {
  const acme = await givenAccount();
  const sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
  const records = sims.flatMap((sim_id, sim) =>
    many(COUNT, (index) => ({ sim_id, ...spread(index, sim), upload: sim * COUNT + index })),
  );
  await givenUsage(...records);
  const numbersOf = (pages: UsageRecord[][]) => pages.flat().map(({ upload }) => Number(upload));
  for (const limit of ["1", "7", "1000"]) {
    for (const [sim, sim_id] of [undefined, ...sims].entries()) {
      const pages = await pagesOf(acme, { ...MARCH, limit, ...(sim_id && { sim_id }) });
      const count = sim_id ? COUNT : 3 * COUNT;
      const first = sim_id ? (sim - 1) * COUNT : 0;
      const expected = Array.from({ length: count }, (__, index) => first + index);
      expect(numbersOf(pages).toSorted((a, b) => a - b)).toEqual(expected);
      expect(pages.slice(0, -1).every((page) => page.length === Number(limit))).toBe(true);
    }
  }
});

it.each([{ whose: "a SIM" }, { whose: "an account" }])(
  "goes on behind the page of $whose, whatever came in meanwhile",
  async ({ whose }) => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    const at = (time: string) => ({ sim_id, time: `2026-03-10 ${time}`, bill_id: time });
    await givenUsage(at("12:00:00"), at("12:00:20"), at("13:00:00"));
    const query = { ...MARCH, limit: "2", ...(whose === "a SIM" && { sim_id }) };
    const { next_page } = (await usageOf(acme, query)).json.pagination;
    await givenUsage(at("11:00:00"), at("12:00:10"), at("12:30:00"), at("14:00:00"));
    const rest = (await usageOf(acme, { ...query, limit: "9", next_page })).json.usage;
    const bills = rest.map((record: UsageRecord) => record.bill_id);
    expect(bills).toEqual(["12:30:00", "13:00:00", "14:00:00"]);
  },
);

it("stays within the period and the account on every page", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [theirs, mine] = [await globex.givenSim(), await acme.givenSim()];
  const at = (sim_id: string, second: number) => ({
    sim_id,
    time: `2026-03-10 12:00:${String(second).padStart(2, "0")}`,
    bill_id: bill(second),
  });
  const seconds = Array.from({ length: 60 }, (_, second) => second);
  await givenUsage(...seconds.flatMap((second) => [at(mine, second), at(theirs, second)]));
  const period = { time_begin: "2026-03-10 12:00:10", time_end: "2026-03-10 12:00:40" };
  for (const whose of [{ sim_id: mine }, {}]) {
    const pages = await pagesOf(acme, { ...whose, ...period, limit: "7" });
    expect(pages.flat().map(({ bill_id }) => bill_id)).toEqual(seconds.slice(10, 40).map(bill));
  }
  const { next_page } = (await usageOf(globex, { ...MARCH, limit: "30" })).json.pagination;
  const { usage } = (await usageOf(acme, { ...MARCH, next_page })).json;
  expect(new Set(usage.map((record: { sim_id: string }) => record.sim_id))).toEqual(
    new Set([mine]),
  );
});
