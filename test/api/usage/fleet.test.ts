import { expect, it } from "vitest";
import { classicTime, startOfMonth } from "../../../src/platform/time";
import { iccidOf } from "../../../src/api/sims/iccid";
import { callAsOperator } from "../../support/call";
import { countingD1 } from "../../support/counting";
import { givenAccount } from "../../support/given-account";
import { fleetUsageOf, givenUsage, recordOf } from "./given-usage";

/** The sheet's record of a SIM, as its event is reported. */
const SAMPLE = {
  time: "2020-02-03 07:49:13",
  bill_id: "7c5f95c7-c0ff-352e-93e2-5370a6d37b42",
  sim_id: "000002273",
  session_id: "eff9c0b2-16b1-3eb3-aab2-692d7a2ec60e",
  country_code: "dk",
  network_type: "3G",
  network: { mcc: "238", mnc: "66" },
  upload: 424_843,
  download: 1_000_000,
};

const MARCH = "time:2026-03";

it("answers a record with the sheet's fields in its order, and the classic ones behind them", async () => {
  const acme = await givenAccount();
  const { sim_id, ...reported } = SAMPLE;
  const iccid = "89457387300000022734";
  await callAsOperator("PUT", "/operator/sims", {
    sims: [{ id: sim_id, iccid, account_id: acme.id }],
  });
  await acme.givenSim({ id: sim_id });
  const before = Date.now();
  await givenUsage({ sim_id, ...reported, operation: "finalize" });
  const answer = await fleetUsageOf(acme, "/usage", ["time:2020-02-03"]);
  const { as_of } = answer.json;
  expect(Date.parse(as_of)).toBeGreaterThanOrEqual(before);
  expect(new Date(as_of).toISOString()).toBe(as_of);
  const expected = {
    pagination: { has_more: false },
    usage: [
      {
        time: SAMPLE.time,
        bill_id: SAMPLE.bill_id,
        sim_id,
        iccid,
        session_id: SAMPLE.session_id,
        bytes: 1_424_843,
        country_code: "dk",
        network_type: "3G",
        network: { mcc: "238", mnc: "66" },
        operation: "finalize",
        upload: "424843",
        download: "1000000",
      },
    ],
    upload: "424843",
    download: "1000000",
    as_of,
  };
  expect(answer).toAnswer(200, expected);
  expect(await fleetUsageOf(acme, `/usage/${iccid}`, ["time:2020"])).toAnswer(200, expected);
});

it("answers null for what the event did not tell", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const { upload, download, ...plain } = recordOf({ sim_id });
  await givenUsage({ ...plain, upload, download });
  const [record] = (await fleetUsageOf(acme, "/usage", [MARCH])).json.usage;
  const untold = { session_id: null, network_type: null, network: { mcc: null, mnc: null } };
  expect(record).toEqual({
    ...plain,
    upload,
    download,
    iccid: iccidOf(sim_id),
    bytes: 110,
    ...untold,
  });
});

it("answers nothing where there is nothing", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const none = {
    pagination: { has_more: false },
    usage: [],
    upload: "0",
    download: "0",
    as_of: null,
  };
  for (const path of ["/usage", `/usage/${sim_id}`])
    expect(await fleetUsageOf(acme, path)).toAnswer(200, none);
});

it("stays the classic call where a parameter of it is given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const { time, bill_id, country_code, operation, upload, download } = recordOf({ sim_id });
  const record = { time, bill_id, sim_id, country_code, operation, upload, download };
  await givenUsage(record);
  const classic = {
    usage: [record],
    upload: "10",
    download: "100",
    pagination: { has_more: false },
  };
  const [begin, end] = ["2026-03-01 00:00:00", "2026-04-01 00:00:00"];
  for (const query of [{ time_begin: begin }, { time_begin: begin, time_end: end }])
    expect(await fleetUsageOf(acme, "/usage", [], query)).toAnswer(200, classic);
  const asked = { sim_id, time_begin: begin };
  expect(await fleetUsageOf(acme, "/usage", [], asked)).toAnswer(200, classic);
  const wrong = await fleetUsageOf(acme, "/usage", [], { time_end: "" });
  expect(wrong).toAnswer(400, "time_end_invalid");
});

it("tells a classic caller without parameters what it reads", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const record = recordOf({ sim_id, time: classicTime(Date.now() - 1000) });
  await givenUsage(record);
  const { json } = await fleetUsageOf(acme, "/usage");
  expect(json).toMatchObject({
    upload: "10",
    download: "100",
    pagination: { has_more: false },
  });
  expect(json.usage).toEqual([expect.objectContaining(record)]);
});

it("takes this month until now where no time is given", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const now = Date.now();
  const begin = startOfMonth(now);
  await givenUsage(
    { sim_id, time: classicTime(begin - 1000), bill_id: "last month" },
    { sim_id, time: classicTime(begin), bill_id: "first second" },
    { sim_id, time: classicTime(now + 3_600_000), bill_id: "in an hour" },
  );
  for (const path of ["/usage", `/usage/${sim_id}`]) {
    const { json } = await fleetUsageOf(acme, path);
    expect(billsOf(json)).toEqual(["first second"]);
    expect(json.upload).toBe("10");
  }
});

it.each([
  ["2026", ["year", "month", "day", "last"]],
  ["2026-03", ["month", "day", "last"]],
  ["2026-03-10", ["day", "last"]],
  ["2026-12", []],
  ["2024-02-29", ["leap"]],
])("takes time:%s for all of it, in UTC", async (time, bills) => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const at = (bill_id: string, when: string) => ({ sim_id, bill_id, time: when });
  await givenUsage(
    at("before", "2025-12-31T23:59:59.999Z"),
    at("year", "2026-01-01T00:00:00Z"),
    at("month", "2026-03-01T00:00:00Z"),
    at("day", "2026-03-10T00:00:00Z"),
    at("last", "2026-03-11T00:59:59.999+01:00"),
    at("after", "2027-01-01T00:00:00Z"),
    at("leap", "2024-02-29T12:00:00Z"),
  );
  for (const path of ["/usage", `/usage/${sim_id}`]) {
    const { json } = await fleetUsageOf(acme, path, [`time:${time}`]);
    expect(billsOf(json)).toEqual(bills);
    expect(json.upload).toBe(String(10 * bills.length));
  }
});

it("filters by SIM and country, alone and together", async () => {
  const acme = await givenAccount();
  const [one, two] = [await acme.givenSim(), await acme.givenSim()];
  await givenUsage(
    { sim_id: one, bill_id: "one dk", country_code: "dk" },
    { sim_id: one, bill_id: "one de", country_code: "de" },
    { sim_id: two, bill_id: "two dk", country_code: "dk" },
  );
  const of = async (path: string, ...filters: string[]) => {
    const { json } = await fleetUsageOf(acme, path, [MARCH, ...filters]);
    expect(json.upload).toBe(String(10 * json.usage.length));
    return billsOf(json).toSorted();
  };
  expect(await of("/usage", `sim_id:${one}`)).toEqual(["one de", "one dk"]);
  expect(await of("/usage", `sim_id:${iccidOf(two)}`)).toEqual(["two dk"]);
  expect(await of("/usage", "country_code:dk")).toEqual(["one dk", "two dk"]);
  expect(await of("/usage", "country_code:DE")).toEqual(["one de"]);
  expect(await of("/usage", "country_code:se")).toEqual([]);
  expect(await of("/usage", `sim_id:${one}`, "country_code:Dk")).toEqual(["one dk"]);
  expect(await of(`/usage/${one}`, "country_code:de")).toEqual(["one de"]);
  expect(await of("/usage", "sim_id:999999999")).toEqual([]);
  expect(await of("/usage", `sim_id:${iccidOf("999999999")}`)).toEqual([]);
});

it("takes filters in each form that clients send", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id }, { sim_id, country_code: "de" });
  for (const query of [
    "filter=time%3A2026-03-10&filter[country_code]=dk",
    "filter[]=time:2026-03-10&filter[]=country_code:dk",
    "filter=time:2026-03-10&filter=country_code:dk",
    `filter[time]=2026-03&filter[country_code]=dk&filter[sim_id]=${sim_id}`,
  ])
    expect((await acme.call("GET", `/usage?${query}`)).json.usage).toHaveLength(1);
});

it("finds a SIM by its id and by its ICCID with or without the check digit", async () => {
  const acme = await givenAccount();
  const cards = [
    { id: "500000001", iccid: "8945123456789012345" },
    { id: "500000002", iccid: "89451234567890123467" },
    { id: "500000003", iccid: null },
  ];
  const sims = cards.map((card) => ({ ...card, account_id: acme.id }));
  expect((await callAsOperator("PUT", "/operator/sims", { sims })).status).toBe(200);
  for (const { id } of cards) await acme.givenSim({ id });
  await givenUsage(...cards.map(({ id }) => ({ sim_id: id })));
  for (const { id, iccid } of cards) {
    const whole = iccid ?? iccidOf(id);
    for (const ref of [id, whole, ...(whole.length === 20 ? [whole.slice(0, 19)] : [])]) {
      const { json } = await fleetUsageOf(acme, `/usage/${ref}`, [MARCH]);
      expect(json.usage).toEqual([expect.objectContaining({ sim_id: id, iccid: whole })]);
      const filtered = await fleetUsageOf(acme, "/usage", [MARCH, `sim_id:${ref}`]);
      expect(filtered.json.usage).toEqual(json.usage);
    }
  }
});

it("knows no SIM of another account, and none that is gone", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id });
  for (const ref of [sim_id, iccidOf(sim_id), iccidOf(sim_id).slice(0, 19)]) {
    expect(await fleetUsageOf(globex, `/usage/${ref}`)).toAnswer(404, "sim_not_found");
    const filtered = await fleetUsageOf(globex, "/usage", [MARCH, `sim_id:${ref}`]);
    expect(filtered.json).toMatchObject({ usage: [], upload: "0", as_of: null });
  }
  await acme.call("DELETE", `/sim?id=${sim_id}`);
  expect(await fleetUsageOf(acme, `/usage/${sim_id}`)).toAnswer(404, "sim_not_found");
  const left = await fleetUsageOf(acme, "/usage", [MARCH, `sim_id:${sim_id}`]);
  expect(left.json.usage).toEqual([expect.objectContaining({ sim_id, iccid: null })]);
});

it("sums what SIMs with a tag used", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const { json: tag } = await acme.call("POST", "/tags", { name: "Supplier" });
  const sims = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
  for (const sim of sims.slice(0, 2)) await acme.call("PUT", `/sims/${sim}/tags/${tag.id}`);
  await givenUsage(
    ...sims.map((sim_id) => ({ sim_id, upload: 1, download: 20 })),
    { sim_id: sims[0] ?? "", country_code: "de", upload: 300 },
    { sim_id: sims[0] ?? "", time: "2026-04-01 00:00:00" },
  );
  const path = `/usage/tag-total/${tag.id}`;
  const answer = await fleetUsageOf(acme, path, [MARCH]);
  const total = { tag_id: tag.id, bytes: 442, upload: "302", download: "140", records: 3, sims: 2 };
  expect(answer).toAnswer(200, { ...total, as_of: answer.json.as_of });
  expect(answer.json.as_of).toMatch(/^\d{4}-.*Z$/);
  const danish = await fleetUsageOf(acme, path, [MARCH, "country_code:DK"]);
  expect(danish.json).toMatchObject({ bytes: 42, records: 2, sims: 2 });
  expect((await fleetUsageOf(acme, path)).json).toMatchObject({ bytes: 0, upload: "0", sims: 2 });
  expect(await fleetUsageOf(globex, path)).toAnswer(404, "tag_not_found");
  const shouted = await fleetUsageOf(
    acme,
    path.toUpperCase().replace("/USAGE/TAG-TOTAL", "/usage/tag-total"),
  );
  expect(shouted.status).toBe(200);
});

it("says when the newest of the account's events was stored", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const asOf = async () => Date.parse((await fleetUsageOf(acme, "/usage", [MARCH])).json.as_of);
  await givenUsage({ sim_id });
  const first = await asOf();
  await givenUsage({ sim_id });
  expect(await asOf()).toBeGreaterThan(first);
});

it("asks the database once", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const { json: tag } = await acme.call("POST", "/tags", { name: "Supplier" });
  await givenUsage({ sim_id });
  const groups = ["hours", "days", "months", "sim", "country", "network"];
  for (const path of ["/usage", `/usage/${iccidOf(sim_id)}`, `/usage/tag-total/${tag.id}`])
    for (const query of ["filter=time:2026", ...groups.map((group) => `group=${group}`)]) {
      // A tag's total has no groups.
      if (path.includes("tag-total") && query.startsWith("group")) continue;
      const { counts, d1 } = countingD1();
      const { status } = await acme.call("GET", `${path}?${query}`, undefined, { env: { DB: d1 } });
      expect([status, counts.roundTrips]).toEqual([200, 1]);
    }
});

function billsOf(json: { usage: { bill_id: string }[] }): string[] {
  return json.usage.map(({ bill_id }) => bill_id);
}
