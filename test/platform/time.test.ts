import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classicTime, isoTime, Time, TimeOrDate } from "../../src/platform/time";

it("writes a time as toISOString does, whatever was written before", () => {
  const times = fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 1e12, max: 1e12 + 3e3 }),
  );
  fc.assert(
    fc.property(fc.array(times), (given) => {
      expect(given.map(isoTime)).toEqual(given.map((time) => new Date(time).toISOString()));
    }),
  );
});

const NOON = "2026-11-20T10:00:00.000Z";

describe("reads one moment in each form that systems write it in", () => {
  it.each([
    ["the specification", "2026-11-20 10:00:00"],
    ["JavaScript", "2026-11-20T10:00:00.000Z"],
    ["Java, without the seconds that are 0", "2026-11-20T10:00Z"],
    ["Java, with an offset", "2026-11-20T11:00+01:00"],
    ["Go, in nanoseconds", "2026-11-20T10:00:00.000000000Z"],
    ["PHP's ISO8601", "2026-11-20T11:00:00+0100"],
    ["PostgreSQL", "2026-11-20 11:00:00+01"],
    ["Python's str()", "2026-11-20 10:00:00+00:00"],
    ["Python's logging", "2026-11-20 10:00:00,000"],
    ["a database", "2026-11-20 10:00:00.000"],
    ["Ruby", "2026-11-20 11:00:00 +0100"],
    ["a blank and a Z", "2026-11-20 10:00:00Z"],
    ["lower case", "2026-11-20t10:00:00z"],
    ["a person", "2026-11-20 10:00"],
    ["west of Greenwich", "2026-11-20T04:30-0530"],
    ["a query string in which + became a blank", "2026-11-20T11:00:00 01:00"],
    ["the same, in the blank form", "2026-11-20 11:00:00 01:00"],
  ])("%s: %s", (_, text) => {
    expect(new Date(Time.parse(text)).toISOString()).toBe(NOON);
  });
});

describe("refuses", () => {
  it.each([
    ["a day that there is not", "2026-02-30T10:00:00Z"],
    ["29 February of a common year", "2026-02-29 10:00:00"],
    ["a month that there is not", "2026-13-01T10:00Z"],
    ["hour 24", "2026-11-20 24:00:00"],
    ["minute 60", "2026-11-20T10:60Z"],
    ["second 60", "2026-11-20T10:00:60Z"],
    ["an offset of a day", "2026-11-20T10:00:00+24:00"],
    ["a local time, which may be of any zone", "2026-11-20T10:00:00"],
    ["an hour alone", "2026-11-20T10Z"],
    ["digits without separators", "20261120T100000Z"],
    ["a fraction without digits", "2026-11-20T10:00:00.Z"],
    ["the name of a zone", "2026-11-20T10:00:00Z[UTC]"],
    ["blanks around it", " 2026-11-20T10:00:00Z "],
    ["two lines", "2026-11-20 10:00:00\n"],
    ["a date, where a moment is asked for", "2026-11-20"],
    ["the year 10,000, by its zone", "9999-12-31T23:59:59-23:59"],
    ["a year before 0, by its zone", "0000-01-01T00:00:00+00:01"],
    ["digits of another script", "２０２６-11-20 10:00:00"],
  ])("%s: %j", (_, text) => {
    expect(Time.safeParse(text).success).toBe(false);
  });
});

it("keeps the milliseconds and drops what is finer", () => {
  expect(Time.parse("2026-11-20T10:00:00.1234567Z") % 1000).toBe(123);
  expect(Time.parse("2026-11-20 10:00:00,5") % 1000).toBe(500);
});

it("reads back what it writes at both ends of time", () => {
  for (const text of ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
    expect(new Date(Time.parse(text)).toISOString()).toBe(text);
});

it("takes a date for its first moment where a period begins or ends", () => {
  expect(classicTime(TimeOrDate.parse("2026-11-20"))).toBe("2026-11-20 00:00:00");
  expect(classicTime(TimeOrDate.parse("2026-11-20T10:00Z"))).toBe("2026-11-20 10:00:00");
  expect(TimeOrDate.safeParse("2026-02-30").success).toBe(false);
});

it("reads any moment back in any of its forms", () => {
  const moments = fc.integer({ min: 0, max: 4e12 });
  const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
  const digits = (value: number) => String(value).padStart(2, "0");
  fc.assert(
    fc.property(moments, minutes, (moment, offset) => {
      const local = new Date(moment + offset * 60_000).toISOString().slice(0, -1);
      const size = Math.abs(offset);
      const sign = offset < 0 ? "-" : "+";
      const [hours, rest] = [digits(Math.floor(size / 60)), digits(size % 60)];
      for (const form of [local, local.replace("T", " ")])
        for (const zone of [`${sign}${hours}:${rest}`, `${sign}${hours}${rest}`])
          expect(Time.parse(form + zone)).toBe(moment);
    }),
  );
});
