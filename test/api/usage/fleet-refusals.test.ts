import { expect, it } from "vitest";
import { iccidOf } from "../../../src/api/sims/iccid";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { fleetUsageOf, givenUsage } from "./given-usage";

const BAD_FILTERS = [
  "",
  "time",
  ":",
  "time:",
  "time:now",
  "time:26",
  "time:2026-3",
  "time:2026-00",
  "time:2026-13",
  "time:2026-02-29",
  "time:2026-04-31",
  "time:2026-03-00",
  "time:2026-03-10 ",
  "time:2026-03-10T00:00:00Z",
  "time:20260310",
  "time:２０２６",
  "time:-2026",
  "time:10026",
  "sim_id:",
  "sim_id:1",
  "sim_id:１９２８３７４６５",
  "sim_id:89457300000000000",
  "sim_id:89457300000000000000000",
  "country_code:",
  "country_code:d",
  "country_code:dnk",
  "country_code:1a",
  "country_code:dé",
  "country:dk",
  "TIME:2026",
  "__proto__:x",
];

it("refuses what is no filter, in each form", async () => {
  const acme = await givenAccount();
  for (const name of ["filter", "filter[]"]) {
    const send = (filter: unknown) =>
      acme.call("GET", `/usage?${new URLSearchParams({ [name]: String(filter) }).toString()}`);
    expect(await notRefused(BAD_FILTERS, "filter_invalid", send)).toEqual([]);
  }
  for (const query of ["filter[time]=x", "filter[x]=2026", "filter=time:2026&filter[time]=2026"])
    expect(await acme.call("GET", `/usage?${query}`)).toAnswer(400, "filter_invalid");
});

it("takes only a time and a country where the path names the SIM or the tag", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  const { json: tag } = await acme.call("POST", "/tags", { name: "Supplier" });
  for (const path of [`/usage/${sim_id}`, `/usage/tag-total/${tag.id}`]) {
    const wrong = ["", "time:2026-02-29", "country_code:x", `sim_id:${sim_id}`];
    const send = (filter: unknown) => fleetUsageOf(acme, path, [String(filter)]);
    expect(await notRefused(wrong, "filter_invalid", send)).toEqual([]);
  }
});

it("refuses what is no group, no limit and no offset", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  for (const path of ["/usage", `/usage/${sim_id}`]) {
    const send = (name: string) => (value: unknown) =>
      fleetUsageOf(acme, path, [], { [name]: String(value) });
    const groups = ["", "hour", "Hours", "days,sim", "constructor"];
    expect(await notRefused(groups, "group_invalid", send("group"))).toEqual([]);
    const limits = ["", "0", "1001", "-1", "1.5", "ten"];
    expect(await notRefused(limits, "limit_invalid", send("limit"))).toEqual([]);
    // There are no pages by offset, so that who asks for them does not get the first one over and over.
    expect(await notRefused(["1", "x", ""], "offset_invalid", send("offset"))).toEqual([]);
    expect((await send("offset")("0")).status).toBe(200);
  }
});

const asCursor = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
const CURSOR = {
  asked: { begin: 0, end: 1 },
  sums: { upload: "0", download: "0" },
  after: { time: 1, sim_id: "000000001", bill_id: "b", operation: "update", id: "" },
};

it("refuses what is no cursor", async () => {
  const acme = await givenAccount();
  const wrong = [
    "",
    "x",
    asCursor(null),
    asCursor([]),
    asCursor({}),
    asCursor({ ...CURSOR, asked: {} }),
    asCursor({ ...CURSOR, asked: { begin: "0", end: 1 } }),
    asCursor({ ...CURSOR, asked: { begin: 0, end: 1e300 } }),
    asCursor({ ...CURSOR, asked: { ...CURSOR.asked, sim: "1" } }),
    asCursor({ ...CURSOR, asked: { ...CURSOR.asked, country: "'; --" } }),
    asCursor({ ...CURSOR, sums: { upload: "x", download: "0" } }),
    asCursor({ ...CURSOR, after: 5 }),
    asCursor({ ...CURSOR, after: { ...CURSOR.after, time: -1 } }),
    asCursor({ ...CURSOR, group: "days", after: {} }),
    asCursor({ ...CURSOR, group: "days", after: null }),
    asCursor({ ...CURSOR, group: "days", after: "x".repeat(65) }),
  ];
  const send = (next_page: unknown) =>
    fleetUsageOf(acme, "/usage", [], { next_page: String(next_page) });
  expect(await notRefused(wrong, "next_page_invalid", send)).toEqual([]);
});

it("answers nothing behind a cursor that somebody made up", async () => {
  const acme = await givenAccount();
  await givenUsage({ sim_id: await acme.givenSim() });
  const most = Number.MAX_SAFE_INTEGER;
  for (const asked of [
    { begin: most, end: -most },
    { begin: -most, end: 0 },
    { begin: 1, end: 1 },
  ])
    for (const made of [
      { ...CURSOR, asked },
      ...["hours", "days", "months", "country", "network"].flatMap((group) => [
        { ...CURSOR, asked, group, after: most },
        { ...CURSOR, asked, group, after: "zz-9" },
      ]),
    ]) {
      const answer = await fleetUsageOf(acme, "/usage", [], { next_page: asCursor(made) });
      expect(answer.status).toBe(200);
      expect(answer.json.usage).toEqual([]);
    }
});

it("refuses what names no SIM or no tag", async () => {
  const acme = await givenAccount();
  const refs = ["1", "abc", "１９２８３７４６５", "8945730000000000", "8".repeat(23), "%00"];
  for (const start of ["/usage", "/network-logs"]) {
    const send = (ref: unknown) => acme.call("GET", `${start}/${String(ref)}`);
    expect(await notRefused(refs, "sim_id_invalid", send)).toEqual([]);
  }
  for (const ref of ["999999999", iccidOf("999999999"), iccidOf("999999999").slice(0, 19)])
    expect(await acme.call("GET", `/usage/${ref}`)).toAnswer(404, "sim_not_found");
  const tag = (id: unknown) => acme.call("GET", `/usage/tag-total/${String(id)}`);
  expect(await notRefused(["1", "supplier", "%00"], "tag_id_invalid", tag)).toEqual([]);
  expect(await tag("00000000-0000-4000-8000-000000000000")).toAnswer(404, "tag_not_found");
});

it("refuses a filter, a group or an offset beside what the classic call is asked by", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id });
  const classic = await acme.call("GET", "/usage?limit=1&time_begin=2026-01-01T00:00:00Z");
  expect(classic.status).toBe(200);
  const marks = [
    `sim_id=${sim_id}`,
    "time_begin=2026-01-01T00:00:00Z",
    "time_end=2026-12-01T00:00:00Z",
  ];
  for (const mark of marks)
    for (const [stray, code] of [
      ["filter=country_code:dk", "filter_invalid"],
      ["filter[country_code]=dk", "filter_invalid"],
      ["filter[]=country_code:dk", "filter_invalid"],
      ["filter[nonsense]=x", "filter_invalid"],
      ["group=country", "group_invalid"],
      ["group=nope", "group_invalid"],
      ["offset=0", "offset_invalid"],
      ["offset=5", "offset_invalid"],
    ] as const) {
      const answer = await acme.call("GET", `/usage?${mark}&${stray}`);
      expect(answer).toAnswer(400, code);
      expect(answer.headers.get("x-error-detail")).toContain("nothing beside sim_id");
    }
});

it("refuses them behind a cursor of the classic call", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id }, { sim_id });
  const { json } = await acme.call(
    "GET",
    `/usage?sim_id=${sim_id}&limit=1&time_begin=2026-01-01T00:00:00Z`,
  );
  const next = `/usage?next_page=${json.pagination.next_page}`;
  expect((await acme.call("GET", next)).status).toBe(200);
  expect(await acme.call("GET", `${next}&group=country`)).toAnswer(400, "group_invalid");
  expect(await acme.call("GET", `${next}&filter=country_code:dk`)).toAnswer(400, "filter_invalid");
});
