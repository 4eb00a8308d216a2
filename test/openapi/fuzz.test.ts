import * as fc from "fast-check";
import { expect, it } from "vitest";
import { buildDocument } from "../../openapi/document";
import { isJson, type Json } from "../../openapi/json-schema";
import { givenAccount } from "../support/given-account";
import { callAs } from "../support/protected-routes";

const document = JSON.parse(JSON.stringify(buildDocument()));
const RUNS = 40;

/** Refusals of what is valid by the document, and what it cannot say. */
const CANNOT_BE_SAID: Record<string, string> = {
  next_page_invalid: "a cursor's content is ours",
  after_invalid: "a cursor's content is ours",
  "/usage filter_invalid": "the days of a month; the classic call takes none",
  "/usage group_invalid": "the classic call takes none",
  "/usage offset_invalid": "the classic call takes none",
  since_invalid: "the days of a month",
  until_invalid: "the days of a month; before since",
  timestamp_invalid: "the days of a month",
  time_begin_invalid: "the days of a month; the future without an end",
  time_end_invalid: "the days of a month; before time_begin",
};

/** Values that a schema of a parameter allows. */
function valuesOf(schema: Json): fc.Arbitrary<unknown> {
  const { $ref: reference, anyOf } = schema;
  if (typeof reference === "string")
    return valuesOf(document.components.schemas[reference.slice(reference.lastIndexOf("/") + 1)]);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.filter(isJson).map(valuesOf));
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom<unknown>(...schema["enum"]);
  const { type, format, pattern, minLength, maxLength, minimum, maximum } = schema;
  if (type === "integer")
    return fc.integer({ min: Number(minimum), max: Math.min(Number(maximum), 2 ** 31 - 1) });
  if (type === "boolean") return fc.boolean();
  if (type === "object" && isJson(schema["properties"])) {
    const properties = Object.entries(schema["properties"]).filter(
      (entry): entry is [string, Json] => isJson(entry[1]),
    );
    return fc.record(Object.fromEntries(properties.map(([name, its]) => [name, valuesOf(its)])), {
      requiredKeys: [],
    });
  }
  if (format === "uuid") return fc.uuid();
  if (format === "date")
    return fc.integer({ min: 1, max: 28 }).map((day) => `2026-02-${String(day).padStart(2, "0")}`);
  if (typeof pattern === "string")
    return fc
      .stringMatching(new RegExp(pattern, "u"), { size: "small" })
      .filter(
        (text) =>
          text.length >= Number(minLength ?? 0) &&
          Array.from(text).length <= Number(maxLength ?? Infinity),
      );
  return fc.string({
    unit: "grapheme",
    minLength: Number(minLength ?? 0),
    maxLength: Math.min(Number(maxLength ?? 20), 20),
  });
}

/** A filter is written as `filter[key]=value`. */
function asQuery(parameters: Record<string, unknown>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    isJson(value)
      ? Object.entries(value).map(([key, one]) => [`${name}[${key}]`, String(one)])
      : [[name, String(value)]],
  );
  return new URLSearchParams(pairs).toString();
}

const READS = Object.entries<Json>(document.paths).flatMap(([path, operations]) => {
  const get = operations["get"];
  if (!isJson(get) || !Array.isArray(get["parameters"]) || path.includes("{")) return [];
  const queries = get["parameters"].filter((one) => isJson(one) && one["in"] === "query");
  return queries.length > 0 ? [{ path, queries }] : [];
});

it.each(READS)(
  "GET $path takes what the document allows, and nothing that breaks one rule of it",
  async ({ path, queries }) => {
    const acme = await givenAccount();
    const send = callAs(path.startsWith("/operator") ? "operator" : "customer", acme);
    const required = queries.filter((one) => one.required).map((one) => one.name);
    const valid = fc.record<Record<string, unknown>>(
      Object.fromEntries(queries.map(({ name, schema }) => [name, valuesOf(schema)])),
      { requiredKeys: required },
    );
    const property = fc.asyncProperty(valid, fc.constantFrom(...queries), async (asked, broken) => {
      const good = await send("GET", `${path}?${asQuery(asked)}`);
      const code = String(good.json?.error);
      const isSaid = CANNOT_BE_SAID[code] ?? CANNOT_BE_SAID[`${path} ${code}`];
      const isWrong = good.status >= 500 || (good.status === 400 && isSaid === undefined);
      expect(isWrong ? `${path}?${asQuery(asked)} ${good.text}` : "").toBe("");
      // No parameter takes a control character, nor a name that is almost right.
      const { [broken.name]: _, ...others } = asked;
      for (const wrong of [{ [broken.name]: "\u0000" }, { [`${broken.name.slice(1)}x`]: "1" }]) {
        const { status } = await send("GET", `${path}?${asQuery({ ...others, ...wrong })}`);
        expect(status).toBe(400);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: 12 });
  },
);
