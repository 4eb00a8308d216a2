import { expect, it } from "vitest";
import * as z from "zod";
import { withFilters } from "../../src/http/filter";
import { refusalOf } from "../../src/http/validate";

const Query = withFilters(
  z.object({
    limit: z.string().optional(),
    filter: z.strictObject({ time: z.string().optional(), connector: z.string().optional() }),
  }),
);

function read(given: Record<string, unknown>) {
  const parsed = Query.safeParse(given);
  return parsed.success ? parsed.data : refusalOf(parsed.error).code;
}

it.each([
  ["none", {}, {}],
  ["one", { filter: "time:2026" }, { time: "2026" }],
  ["a list", { "filter[]": ["time:2026", "connector:mine"] }, { time: "2026", connector: "mine" }],
  ["one in a list", { "filter[]": "time:2026" }, { time: "2026" }],
  ["a repeated one", { filter: ["time:2026", "connector:a"] }, { time: "2026", connector: "a" }],
  [
    "by key",
    { "filter[time]": "2026", "filter[connector]": "a" },
    { time: "2026", connector: "a" },
  ],
  [
    "numbered",
    { "filter[0]": "time:2026", "filter[1]": "connector:a" },
    { time: "2026", connector: "a" },
  ],
  ["an object", { filter: { time: "2026" } }, { time: "2026" }],
  [
    "several forms",
    { filter: "time:2026", "filter[connector]": "a" },
    { time: "2026", connector: "a" },
  ],
  ["a value with colons", { filter: "connector:a:b" }, { connector: "a:b" }],
  ["an empty value", { filter: "connector:" }, { connector: "" }],
])("reads %s", (_, given, filter) => {
  expect(read({ ...given, limit: "9", other: "x" })).toEqual({ limit: "9", filter });
});

it.each([
  ["nothing", { filter: "" }],
  ["no colon", { filter: "time" }],
  ["no key", { filter: ":2026" }],
  ["an unknown key", { filter: "colour:red" }],
  ["an unknown key in brackets", { "filter[colour]": "red" }],
  ["a key twice", { "filter[]": ["time:2026", "time:2026"] }],
  ["a key twice, in two forms", { filter: "time:2026", "filter[time]": "2026" }],
  ["a key twice in brackets", { "filter[time]": ["2026", "2027"] }],
  ["another type", { filter: 5 }],
  ["null", { filter: null }],
  ["a value that is no text", { filter: { time: 2026 } }],
  ["a name of every object", { filter: "__proto__:x" }],
  ["a constructor", { filter: "constructor:x" }],
])("refuses %s", (_, given) => {
  expect(read(given)).toBe("filter_invalid");
});
