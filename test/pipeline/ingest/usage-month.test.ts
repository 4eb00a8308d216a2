import { afterEach, expect, it, vi } from "vitest";
import { inMinutes, stored } from "../../support/fleet";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { usageOf } from "../../support/events";

afterEach(() => vi.useRealTimers());

/** What the SIM is said to have used, alone and in the list, at a time. */
async function usedAt(acme: GivenAccount, id: string, time: string): Promise<number[]> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(time) });
  const one = await acme.call("GET", `/sims/${id}`);
  const all = await acme.call("GET", "/sims");
  vi.useRealTimers();
  const [listed] = all.json.sims;
  expect(one.json.data_limit.period).toBe(time.slice(0, 7).replace("-", ""));
  return [one.json.usage, one.json.data_limit.used, listed.usage, listed.data_limit.used];
}

it("tells the usage of this month, and neither of the last one nor of a later one", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  for (const [time, upload] of [
    ["2026-02-28T23:59:59Z", 1],
    ["2026-03-01T00:00:00Z", 10],
    ["2026-05-01T00:00:00Z", 1000],
  ] as const)
    await stored(usageOf(id, { time, upload, download: 0 }));
  const expected: [time: string, bytes: number][] = [
    ["2026-02-28T23:59:59.999Z", 1],
    ["2026-03-01T00:00:00.000Z", 10],
    ["2026-03-31T23:59:59.999Z", 10],
    ["2026-04-01T00:00:00.000Z", 0],
    ["2026-04-30T23:59:59.999Z", 0],
    ["2026-05-01T00:00:00.000Z", 1000],
    ["2026-06-01T00:00:00.000Z", 0],
  ];
  for (const [time, bytes] of expected)
    expect([time, ...(await usedAt(acme, id, time))]).toEqual([time, bytes, bytes, bytes, bytes]);
});

it("sorts a SIM that was made again by this month's usage, whatever is stored for a later month", async () => {
  const acme = await givenAccount();
  const [again, steady] = [await acme.givenSim(), await acme.givenSim()];
  const now = new Date();
  const later = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 2)).toISOString();
  await stored(
    usageOf(again, { time: later, upload: 9_000_000, download: 0 }),
    usageOf(steady, { time: inMinutes(0), upload: 1000, download: 0 }),
  );
  await acme.call("DELETE", `/sim?id=${again}`);
  await acme.call("POST", "/sim", { id: again });
  const { sims } = (await acme.call("GET", "/sims?sort=-usage&limit=1")).json;
  expect(sims.map(({ id }: { id: string }) => id)).toEqual([steady]);
});

it("orders each page by the exact usage, where what is sorted by lags behind it", async () => {
  const acme = await givenAccount();
  const [grown, steady] = [await acme.givenSim(), await acme.givenSim()];
  const use = (id: string, upload: number) =>
    stored(usageOf(id, { time: inMinutes(0), upload, download: 0 }));
  await use(grown, 1000);
  await use(steady, 1050);
  // Less than a tenth more: the figure to sort by stays at 1000.
  await use(grown, 90);
  for (const [sort, order] of [
    ["usage", [steady, grown]],
    ["-usage", [grown, steady]],
  ] as const) {
    const { sims } = (await acme.call("GET", `/sims?sort=${sort}`)).json;
    expect(sims.map(({ id }: { id: string }) => id)).toEqual(order);
  }
});
