import { describe, expect, it } from "vitest";
import { classicTime, startOfMonth } from "../../../src/platform/time";
import { givenAccount } from "../../support/given-account";
import { givenUsage, recordOf, usageOf } from "./given-usage";

const MARCH = { time_begin: "2026-03-01 00:00:00", time_end: "2026-04-01 00:00:00" };

it("answers a record with exactly the fields of the specification's sample", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim({ id: "192837465" });
  const sample = {
    time: "2018-01-01 01:23:45",
    bill_id: "1234567890-1234",
    sim_id,
    country_code: "dk",
    operation: "finalize",
    upload: "0",
    download: "0",
  };
  await givenUsage({ ...sample, country_code: "DK", upload: 0, download: 0 });
  const period = { time_begin: "2018-01-01 00:00:00", time_end: "2018-01-02 00:00:00" };
  const answer = { usage: [sample], upload: "0", download: "0", pagination: { has_more: false } };
  expect(await usageOf(acme, { sim_id, ...period })).toAnswer(200, answer);
  expect(await usageOf(acme, period)).toAnswer(200, answer);
});

it("answers nothing, and no bytes, where there is no usage", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const none = { usage: [], upload: "0", download: "0", pagination: { has_more: false } };
  expect(await usageOf(acme, { sim_id })).toAnswer(200, none);
  expect(await usageOf(acme, MARCH)).toAnswer(200, none);
});

it("lists records oldest first, within a SIM and across SIMs, however late they came", async () => {
  const acme = await givenAccount();
  const [one, two] = [await acme.givenSim(), await acme.givenSim()];
  const at = (sim_id: string, time: string, bill_id: string) => ({ sim_id, time, bill_id });
  await givenUsage(
    at(one, "2026-03-10 12:00:30", "c"),
    at(two, "2026-03-10 12:00:10", "b"),
    at(one, "2026-03-31 23:59:59", "f"),
  );
  await givenUsage(at(two, "2026-03-10 12:01:00", "d"));
  await givenUsage(at(one, "2026-03-01 00:00:00", "a"), at(one, "2026-03-11 00:00:00", "e"));
  const bills = async (query: object) =>
    (await usageOf(acme, { ...MARCH, ...query })).json.usage.map(
      (record: { bill_id: string }) => record.bill_id,
    );
  expect(await bills({})).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(await bills({ sim_id: one })).toEqual(["a", "c", "e", "f"]);
  expect(await bills({ sim_id: two })).toEqual(["b", "d"]);
});

it("lists a record that lies between two seconds in its place", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const times = ["12:00:00.900", "12:00:00.100", "12:00:00.500"];
  await givenUsage(
    ...times.map((time) => ({ sim_id, time: `2026-03-10T${time}Z`, bill_id: time })),
  );
  const { usage } = (await usageOf(acme, { sim_id, ...MARCH })).json;
  expect(usage.map((record: { bill_id: string }) => record.bill_id)).toEqual(times.toSorted());
});

it("takes begin into the period and leaves end out", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage(
    { sim_id, time: "2026-03-10 11:59:59", upload: 1 },
    { sim_id, time: "2026-03-10 12:00:00", upload: 10 },
    { sim_id, time: "2026-03-10 12:00:01", upload: 100 },
  );
  const upload = async (time_begin: string, time_end: string) =>
    (await usageOf(acme, { sim_id, time_begin, time_end })).json.upload;
  expect(await upload("2026-03-10 12:00:00", "2026-03-10 12:00:01")).toBe("10");
  expect(await upload("2026-03-10 11:59:59", "2026-03-10 12:00:00")).toBe("1");
  expect(await upload("2026-03-10 12:00:00", "2026-03-10 12:00:02")).toBe("110");
  expect(await upload("2026-03-10 12:00:00", "2026-03-10 12:00:00")).toBe("0");
});

it("sums a period that lacks little of its first and of its last day", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const times = ["10 03:00:00", "10 05:00:00", "11 12:00:00", "12 19:00:00", "12 21:00:00"];
  await givenUsage(...times.map((time) => ({ sim_id, time: `2026-03-${time}` })));
  const period = { time_begin: "2026-03-10T04:00:00Z", time_end: "2026-03-12T20:00:00Z" };
  const { json } = await usageOf(acme, period);
  expect(json).toMatchObject({ upload: "30", download: "300" });
  expect(json.usage).toHaveLength(3);
});

it("takes a period with a zone for what it is in UTC", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id, time: "2026-03-10 12:00:00" });
  const within = { time_begin: "2026-03-10T14:00:00+02:00", time_end: "2026-03-10T07:00:01-05:00" };
  expect((await usageOf(acme, { sim_id, ...within })).json.usage).toHaveLength(1);
});

it("takes this month until now where no period is given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const now = Date.now();
  const begin = startOfMonth(now);
  await givenUsage(
    { sim_id, time: classicTime(begin - 1000), bill_id: "last month" },
    { sim_id, time: classicTime(begin), bill_id: "first second" },
    { sim_id, time: classicTime(now - 1000), bill_id: "a second ago" },
    { sim_id, time: classicTime(now + 3_600_000), bill_id: "in an hour" },
  );
  const bills = async (query: Record<string, string>) =>
    (await usageOf(acme, query)).json.usage.map((record: { bill_id: string }) => record.bill_id);
  const expected =
    begin > now - 1000 ? ["a second ago", "first second"] : ["first second", "a second ago"];
  for (const query of [{}, { sim_id }]) expect(await bills(query)).toEqual(expected);
  expect(await bills({ time_begin: classicTime(begin - 1000) })).toContain("last month");
  expect(await bills({ time_end: classicTime(now + 7_200_000) })).toContain("in an hour");
});

describe("totals", () => {
  const DAYS = [
    { time: "2026-03-09 23:59:59", upload: 1, download: 1_000_000 },
    { time: "2026-03-10 00:00:00", upload: 10, download: 2_000_000, country_code: "de" },
    { time: "2026-03-10 13:30:30", upload: 100, download: 4_000_000 },
    { time: "2026-03-11 00:00:00", upload: 1000, download: 8_000_000 },
    { time: "2026-03-11 18:00:00", upload: 10_000, download: 16_000_000, country_code: "se" },
  ];

  it.each([
    ["whole days", "2026-03-10 00:00:00", "2026-03-11 00:00:00", "110", "6000000"],
    ["several days", "2026-03-09 00:00:00", "2026-03-12 00:00:00", "11111", "31000000"],
    ["a day cut at its start", "2026-03-10 00:00:01", "2026-03-11 00:00:00", "100", "4000000"],
    ["a day cut at its end", "2026-03-10 00:00:00", "2026-03-10 13:30:30", "10", "2000000"],
    ["a part of a day", "2026-03-10 12:00:00", "2026-03-10 14:00:00", "100", "4000000"],
    ["days cut at both ends", "2026-03-09 23:59:59", "2026-03-11 18:00:00", "1111", "15000000"],
    ["a second", "2026-03-11 00:00:00", "2026-03-11 00:00:01", "1000", "8000000"],
    ["half a second", "2026-03-11T00:00:00Z", "2026-03-11T00:00:00.500Z", "1000", "8000000"],
    ["all time", "1970-01-01 00:00:00", "9999-12-31 23:59:59", "11111", "31000000"],
    ["before 1970", "0001-01-01 00:00:00", "1969-12-31 23:59:59", "0", "0"],
  ])("of %s", async (_, time_begin, time_end, upload, download) => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    await givenUsage(...DAYS.map((day) => ({ sim_id, ...day })));
    for (const whose of [{ sim_id }, {}]) {
      const { json } = await usageOf(acme, { ...whose, time_begin, time_end });
      expect(json).toMatchObject({ upload, download });
    }
  });

  it("are of the whole period on every page", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    await givenUsage(...DAYS.map((day) => ({ sim_id, ...day })));
    for (const whose of [{ sim_id }, {}]) {
      const first = (await usageOf(acme, { ...whose, ...MARCH, limit: "2" })).json;
      const next_page = first.pagination.next_page;
      const second = (await usageOf(acme, { ...whose, ...MARCH, limit: "2", next_page })).json;
      for (const page of [first, second])
        expect(page).toMatchObject({ upload: "11111", download: "31000000" });
    }
  });

  it("are exact where a number is not", async () => {
    const acme = await givenAccount();
    const sim_id = await acme.givenSim();
    const most = Array.from({ length: 200 }, () => ({
      sim_id,
      upload: 99_999_999_999_999,
      download: 1,
    }));
    await givenUsage(...most);
    const { upload } = (await usageOf(acme, { ...MARCH, limit: "1" })).json;
    expect(upload).toBe(String(99_999_999_999_999n * 200n));
  });
});

it("counts a record once that is reported again", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const { bill_id } = recordOf({ sim_id });
  await givenUsage({ sim_id, bill_id });
  await givenUsage({ sim_id, bill_id }, { sim_id, bill_id: "another" });
  const { usage, upload } = (await usageOf(acme, MARCH)).json;
  expect(usage).toHaveLength(2);
  expect(upload).toBe("20");
});

it("keeps the account's records of a SIM that it deleted", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id });
  await acme.call("DELETE", `/sim?id=${sim_id}`);
  expect(await usageOf(acme, { sim_id, ...MARCH })).toAnswer(404, "sim_id_not_found");
  expect((await usageOf(acme, MARCH)).json.usage).toHaveLength(1);
  await acme.givenSim({ id: sim_id });
  expect((await usageOf(acme, { sim_id, ...MARCH })).json.usage).toHaveLength(1);
});

it("shows nobody what a SIM used when it was another account's", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id });
  await acme.call("DELETE", `/sim?id=${sim_id}`);
  await globex.givenSim({ id: sim_id });
  for (const whose of [{ sim_id }, {}])
    expect((await usageOf(globex, { ...whose, ...MARCH })).json).toMatchObject({
      usage: [],
      upload: "0",
    });
});
