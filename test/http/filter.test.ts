import { expect, it } from "vitest";
import * as z from "zod";
import { givenAccount } from "../support/given-account";
import { withFilters } from "../../src/http/query-filters";
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
  ["a key behind a number", { "filter[0][time]": "2026" }],
  ["a key behind an empty place", { "filter[][time]": "2026" }],
  ["an operator behind a key", { "filter[time][eq]": "2026" }],
  ["a bracket left open", { "filter[time": "2026" }],
  ["a dot", { "filter.time": "2026" }],
  ["a misspelt name", { filters: "time:2026" }],
  ["one that is understood beside one that is not", { filter: "time:2026", "filter[0][a]": "b" }],
])("refuses %s", (_, given) => {
  expect(read(given)).toBe("filter_invalid");
});

it("refuses on every call with filters those that it does not understand", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim({ id: "000000001" });
  const { id: tag } = await acme.givenTag("Drones");
  const paths = ["/sims", "/usage", `/usage/${sim}`, `/usage/tag-total/${tag}`];
  const forms = ["filter[0][time]", "filter[][time]", "filter[time][eq]"];
  for (const path of paths)
    for (const form of forms)
      expect(await acme.call("GET", `${path}?${form}=2026`)).toAnswer(400, "filter_invalid");
});
