import { expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { givenUsage, usageOf } from "./given-usage";

const MARCH = { time_begin: "2026-03-01 00:00:00", time_end: "2026-04-01 00:00:00" };

/** What is no time. */
const BAD_TIMES = [
  "",
  "now",
  "12:00:00",
  "1773144000",
  "2026-02-29 00:00:00",
  "2026-04-31 00:00:00",
  "2026-13-01 00:00:00",
  "2026-00-10 00:00:00",
  "2026-03-00 00:00:00",
  "2026-03-10 24:00:00",
  "2026-03-10 12:60:00",
  "2026-03-10 12:00:60",
  "2026-3-10 12:00:00",
  "2026-03-10T12:00:00",
  "2026-03-10T12:00:00+25:00",
  " 2026-03-10 12:00:00",
  "2026-03-10 12:00:00\n",
  "２０２６-03-10 12:00:00",
  "10026-03-10 12:00:00",
];

it("refuses what is no time", async () => {
  const acme = await givenAccount();
  const begin = (time: unknown) => usageOf(acme, { time_begin: String(time) });
  expect(await notRefused(BAD_TIMES, "time_begin_invalid", begin)).toEqual([]);
  const end = (time: unknown) => usageOf(acme, { time_end: String(time) });
  expect(await notRefused(BAD_TIMES, "time_end_invalid", end)).toEqual([]);
});

it("takes the leap day of a leap year", async () => {
  const acme = await givenAccount();
  const day = { time_begin: "2024-02-29 00:00:00", time_end: "2024-02-29T23:59:59.999Z" };
  expect((await usageOf(acme, day)).status).toBe(200);
});

it("refuses an end that is before the begin, and takes one that is the begin", async () => {
  const acme = await givenAccount();
  const time_begin = "2026-03-10 12:00:00";
  const end = (time_end: string) => usageOf(acme, { time_begin, time_end });
  expect(await end("2026-03-10 11:59:59")).toAnswer(400, "time_end_invalid");
  expect((await end(time_begin)).status).toBe(200);
});

it("refuses a begin after now where no end is given", async () => {
  const acme = await givenAccount();
  const answer = await usageOf(acme, { time_begin: "2999-01-01 00:00:00" });
  expect(answer).toAnswer(400, "time_begin_invalid");
});

it("refuses what is no SIM's id", async () => {
  const acme = await givenAccount();
  const wrong = ["", "19283746", "1928374650", "１９２８３７４６５", "abc", "null"];
  const send = (id: unknown) => usageOf(acme, { sim_id: String(id) });
  expect(await notRefused(wrong, "sim_id_invalid", send)).toEqual([]);
});

it("refuses what is no limit", async () => {
  const acme = await givenAccount();
  const wrong = ["", "0", "1001", "10000", "-1", "1.5", "1e2", "0x10", "ten", "１０", "١"];
  const send = (limit: unknown) => usageOf(acme, { limit: String(limit) });
  expect(await notRefused(wrong, "limit_invalid", send)).toEqual([]);
});

it("takes a limit from 1 to 1000", async () => {
  const acme = await givenAccount();
  for (const limit of ["1", "0001", "1000"])
    expect((await usageOf(acme, { limit })).status).toBe(200);
});

it("looks at sim_id, time_begin and time_end in the order of the specification's table", async () => {
  const acme = await givenAccount();
  const wrong = { limit: "x", time_end: "x", time_begin: "x", sim_id: "x" };
  expect(await usageOf(acme, wrong)).toAnswer(400, "sim_id_invalid");
  const better = { limit: "x", time_end: "x", time_begin: "x" };
  expect(await usageOf(acme, better)).toAnswer(400, "time_begin_invalid");
  expect(await usageOf(acme, { limit: "x", time_end: "x" })).toAnswer(400, "time_end_invalid");
});

it("looks at the form before whose the SIM is", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await globex.givenSim();
  const backwards = { time_begin: MARCH.time_end, time_end: MARCH.time_begin };
  expect(await usageOf(acme, { sim_id, ...backwards })).toAnswer(400, "time_end_invalid");
  expect(await usageOf(acme, { sim_id, limit: "0" })).toAnswer(400, "limit_invalid");
});

it("refuses another account's SIM, and one that nobody has", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const sim_id = await globex.givenSim();
  await givenUsage({ sim_id });
  expect(await usageOf(acme, { sim_id, ...MARCH })).toAnswer(403, "sim_id_forbidden");
  expect(await usageOf(acme, { sim_id: "999999999" })).toAnswer(404, "sim_id_not_found");
});

const asCursor = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
const POSITION = { time: 1, sim_id: "000000001", bill_id: "b", operation: "update", id: "" };

const BAD_CURSORS = [
  "",
  "x",
  "%%%",
  "not a cursor",
  "A".repeat(10_000),
  asCursor(null),
  asCursor([]),
  asCursor({}),
  asCursor("x"),
  asCursor(1),
  asCursor([1, "x"]),
  asCursor({ ...POSITION, time: "1" }),
  asCursor({ ...POSITION, time: -1 }),
  asCursor({ ...POSITION, time: 1.5 }),
  asCursor({ ...POSITION, time: 1e300 }),
  asCursor({ ...POSITION, sim_id: null }),
  asCursor({ ...POSITION, bill_id: undefined }),
  asCursor({ ...POSITION, operation: [] }),
  asCursor({ ...POSITION, id: {} }),
];

it("refuses what is no cursor", async () => {
  const acme = await givenAccount();
  const send = (cursor: unknown) => usageOf(acme, { next_page: String(cursor) });
  expect(await notRefused(BAD_CURSORS, "next_page_invalid", send)).toEqual([]);
});

it("refuses a cursor that was cut or changed", async () => {
  const acme = await givenAccount();
  const sim_id = await acme.givenSim();
  await givenUsage({ sim_id }, { sim_id });
  const { next_page } = (await usageOf(acme, { ...MARCH, limit: "1" })).json.pagination;
  expect(next_page).toMatch(/^[-_A-Za-z0-9]+$/);
  for (const changed of [
    next_page.slice(0, -4),
    next_page.slice(1),
    `${next_page}AAAA`,
    `+${next_page}`,
  ])
    expect(await usageOf(acme, { ...MARCH, next_page: changed })).toAnswer(
      400,
      "next_page_invalid",
    );
});
