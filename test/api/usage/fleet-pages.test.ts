import * as fc from "fast-check";
import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { fleetPagesOf, fleetUsageOf, givenUsage, pagesOf, usageOf } from "./given-usage";

const MARCH = ["time:2026-03"];

it("lists each record once, by minute, and by time within a page and of a SIM", async () => {
  const record = fc.record({
    sim: fc.nat(2),
    second: fc.oneof(fc.nat(200), fc.nat(3 * 86_400)),
    country_code: fc.constantFrom("de", "dk"),
    run: fc.nat(1),
  });
  const property = fc.asyncProperty(
    fc.array(record, { maxLength: 30 }),
    fc.integer({ min: 1, max: 7 }),
    fc.constantFrom(undefined, "de"),
    async (records, limit, country) => {
      const acme = await givenAccount();
      const sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
      const given = records.map(({ sim, second, run, country_code }, index) => ({
        sim_id: sims[sim] ?? "",
        time: new Date(Date.UTC(2026, 2, 10) + second * 1000).toISOString(),
        bill_id: `bill-${index}`,
        country_code,
        run,
      }));
      for (const run of [0, 1]) await givenUsage(...given.filter((one) => one.run === run));
      const filters = [...MARCH, ...(country ? [`country_code:${country}`] : [])];
      for (const sim of [undefined, ...sims]) {
        const path = sim ? `/usage/${sim}` : "/usage";
        const pages = await fleetPagesOf(acme, path, filters, { limit: String(limit) });
        const expected = given
          .filter((one) => sim === undefined || one.sim_id === sim)
          .filter((one) => country === undefined || one.country_code === country);
        const bills = pages.flat().map(({ bill_id }) => String(bill_id));
        expect(bills.toSorted()).toEqual(expected.map((one) => one.bill_id).toSorted());
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        for (const page of pages) expect(timesOf(page)).toEqual(timesOf(page).toSorted());
        const all = timesOf(pages.flat()).map((time) => (sim ? time : time.slice(0, 16)));
        expect(all).toEqual(all.toSorted());
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
}, 60_000);

it("goes on where it was while records arrive, late ones included", async () => {
  const acme = await givenAccount();
  const [one, two] = [await acme.givenSim(), await acme.givenSim()];
  const at = (sim_id: string, time: string, country_code = "dk") => {
    return { sim_id, time: `2026-03-10 ${time}`, bill_id: `${sim_id} ${time}`, country_code };
  };
  await givenUsage(at(one, "12:00:00"), at(two, "12:00:10"), at(one, "12:00:20"));
  await givenUsage(at(one, "13:00:00"), at(two, "14:00:00"));
  for (const path of ["/usage", `/usage/${one}`]) {
    const seen: unknown[] = [];
    for (let next_page = "", page = 0; ; page += 1) {
      const filters = next_page ? [] : MARCH;
      const { json } = await fleetUsageOf(acme, path, filters, {
        limit: "1",
        ...(next_page && { next_page }),
      });
      seen.push(...json.usage.map((record: { bill_id: string }) => record.bill_id));
      if (!json.pagination.has_more) break;
      next_page = json.pagination.next_page;
      if (page > 3) continue;
      // Before the position, at its minute, and behind it; in another country too.
      const second = String(30 + page).padStart(2, "0");
      await givenUsage(
        at(one, `11:00:${second}`),
        at(one, `12:00:${second}`, "de"),
        at(two, `12:00:${second}`),
        at(one, `13:30:${second}`, "de"),
      );
    }
    expect(new Set(seen).size).toBe(seen.length);
    const mine = [at(one, "12:00:00"), at(one, "12:00:20"), at(one, "13:00:00")];
    expect(seen).toEqual(expect.arrayContaining(mine.map(({ bill_id }) => bill_id)));
  }
});

it("goes on with what was asked, whatever filter and group come with the cursor", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const other = await acme.givenSim();
  const days = ["2026-03-10", "2026-03-11", "2026-03-12"];
  await givenUsage(
    ...days.map((day) => ({ sim_id, time: `${day} 12:00:00`, bill_id: day })),
    { sim_id: other, time: "2026-03-11 12:00:00" },
    { sim_id, time: "2026-03-11 13:00:00", country_code: "de" },
  );
  const asked = ["time:2026-03", `sim_id:${sim_id}`, "country_code:dk"];
  for (const group of [undefined, "days"]) {
    const query = { limit: "1", ...(group && { group }) };
    const first = await fleetUsageOf(acme, "/usage", asked, query);
    const { next_page } = first.json.pagination;
    const rest = { next_page, limit: "9" };
    const plain = await fleetUsageOf(acme, "/usage", [], rest);
    expect(plain.json.usage).toHaveLength(2);
    expect(plain.json).toMatchObject({ upload: "30", pagination: { has_more: false } });
    const today = [`time:${new Date().toISOString().slice(0, 10)}`, "country_code:se"];
    const changed = await fleetUsageOf(acme, "/usage", today, { ...rest, group: "sim" });
    expect(changed).toAnswer(200, plain.json);
  }
});

it("takes a cursor of a path for its SIM only, by whichever name", async () => {
  const acme = await givenAccount();
  const [one, two] = [await acme.givenSim(), await acme.givenSim()];
  await givenUsage({ sim_id: one }, { sim_id: one }, { sim_id: two }, { sim_id: two });
  const { json: first } = await fleetUsageOf(acme, `/usage/${one}`, MARCH, { limit: "1" });
  const { next_page } = first.pagination;
  const iccid = first.usage[0].iccid;
  for (const path of [`/usage/${one}`, `/usage/${iccid}`, "/usage"]) {
    const { json } = await fleetUsageOf(acme, path, [], { next_page });
    expect(json.usage).toEqual([expect.objectContaining({ sim_id: one })]);
  }
  const wrong = await fleetUsageOf(acme, `/usage/${two}`, [], { next_page });
  expect(wrong).toAnswer(400, "next_page_invalid");
});

it("goes on with the call that a cursor is of, where the cursor is all that is given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const now = new Date(Date.now() - 1000).toISOString();
  await givenUsage({ sim_id, time: now }, { sim_id, time: now }, { sim_id, time: now });
  const begin = { time_begin: "2026-01-01 00:00:00" };
  const classic = (await usageOf(acme, { ...begin, limit: "1" })).json;
  const { next_page } = classic.pagination;
  const second = await usageOf(acme, { next_page });
  expect(Object.keys(second.json)).toEqual(Object.keys(classic));
  expect(second.text).toBe((await usageOf(acme, { next_page, ...begin })).text);
  expect(await pagesOf(acme, { ...begin, limit: "1" })).toHaveLength(3);

  const fleet = (await usageOf(acme, { limit: "1" })).json;
  const rest = (await usageOf(acme, { next_page: fleet.pagination.next_page })).json;
  expect(Object.keys(rest)).toEqual(Object.keys(fleet));
  expect(rest.usage).toHaveLength(2);
  const mixed = await usageOf(acme, { ...begin, next_page: fleet.pagination.next_page });
  expect(mixed).toAnswer(400, "next_page_invalid");
});

it("takes another account's cursor for a position in one's own records", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [mine, theirs] = [await acme.givenSim(), await globex.givenSim()];
  const time = "2026-03-10 12:00:00";
  await givenUsage(...[mine, theirs, theirs].map((sim_id) => ({ sim_id, time })));
  await givenUsage({ sim_id: mine, time: "2026-03-11 12:00:00" });
  const { next_page } = (await fleetUsageOf(globex, "/usage", MARCH, { limit: "1" })).json
    .pagination;
  const { usage } = (await fleetUsageOf(acme, "/usage", [], { next_page })).json;
  expect(new Set(usage.map((one: { sim_id: string }) => one.sim_id))).toEqual(new Set([mine]));
});

function timesOf(page: Record<string, unknown>[]): string[] {
  return page.map(({ time }) => String(time));
}
