import { expect, it } from "vitest";
import { ERRORS } from "../../src/platform/errors";
import { SAMPLES } from "../../src/events/schemas";
import { EVENT_TYPES } from "../../src/events/types";
import { ClassicPayloads, FleetPayloads } from "../../src/events/payload-schemas";
import { classicPayload, fleetPayload, fleetType } from "../../src/events/payload";
import { buildDocument } from "../../openapi/document";
import { isJson } from "../../openapi/json-schema";
import { SECTIONS } from "../../openapi/sections";
import { Time } from "../../src/platform/time";
import { declaredRoutes, PUBLIC_ROUTES } from "../support/protected-routes";

const document = JSON.parse(JSON.stringify(buildDocument()));

it("documents every route of the app, and no other", () => {
  const documented = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => {
      return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
    }),
  );
  expect(documented.toSorted()).toEqual([...declaredRoutes(), ...PUBLIC_ROUTES].toSorted());
});

it("cannot be built where a route is not documented, or what is documented is no route", () => {
  const sections = SECTIONS.filter(({ tag }) => tag !== "Tags");
  expect(() => buildDocument(sections)).toThrow("GET /tags/search/tags is not documented");
  const operations = Object.fromEntries(
    SECTIONS.flatMap((section) => Object.entries(section.operations))
      .slice(0, 1)
      .map(([, operation]) => ["GET /nothing", operation]),
  );
  const nothing = { tag: "Nothing", what: "", operations };
  expect(() => buildDocument([...SECTIONS, nothing])).toThrow("there is no route GET /nothing");
});

it("gives each operation a name of its own", () => {
  const ids = [
    ...Object.values<object>(document.paths),
    ...Object.values<object>(document.webhooks),
  ]
    .flatMap((path) => Object.values(path))
    .map((operation) => JSON.stringify(operation).match(/"operationId":"(\w+)"/)?.[1]);
  expect(ids).not.toContain(undefined);
  expect(new Set(ids).size).toBe(ids.length);
});

it("tells every error code with its status and sentence", () => {
  const told = document.components.schemas.ErrorCode;
  expect(told.enum).toEqual(Object.keys(ERRORS));
  expect(told["x-enum-descriptions"]).toEqual(
    Object.values(ERRORS).map(([status, sentence]) => `${status}: ${sentence}`),
  );
});

/** Every schema in the document, however deep. */
function schemasIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => schemasIn(one));
  if (!isJson(value)) return [];
  const { example: _, examples: __, ...rest } = value;
  return [value, ...Object.values(rest).flatMap((one) => schemasIn(one))];
}

it("tells generators that whole numbers have 64 bits", () => {
  const integers = schemasIn(document).filter(({ type }) => type === "integer");
  expect(integers.length).toBeGreaterThan(50);
  for (const one of integers) {
    expect(one).toMatchObject({ format: "int64" });
    expect([one.minimum, one.maximum].map(Number).every(Number.isSafeInteger)).toBe(true);
  }
});

it("shows patterns that take an emoji with the flag u and without it", () => {
  const patterns = schemasIn(document).flatMap(({ pattern }) =>
    typeof pattern === "string" ? [pattern] : [],
  );
  expect(patterns.filter((pattern) => /\\ud[89a-f]/i.test(pattern))).toEqual([]);
  const { pattern } = document.components.schemas.TagInput.properties.name;
  for (const flags of ["", "u"]) expect(new RegExp(pattern, flags).test("Boat 🚤")).toBe(true);
});

it("shows the forms of a time: what it takes and refuses, the pattern does too", () => {
  const time = new RegExp(document.components.schemas.Time.pattern, "u");
  for (const text of ["2026-11-01 00:00:00", "2026-11-01T00:00:00Z", "2026-11-01t00:00+0100"]) {
    expect([text, Time.safeParse(text).success]).toEqual([text, true]);
    expect([text, time.test(text)]).toEqual([text, true]);
  }
  for (const text of [
    "",
    "now",
    "2026-13-01 00:00:00",
    "2026-11-01T00:00:00",
    "2026-11-01 25:00:00",
    "1795493586",
  ]) {
    expect([text, Time.safeParse(text).success]).toEqual([text, false]);
    expect([text, time.test(text)]).toEqual([text, false]);
  }
});

const NOTHING_KNOWN = {
  iccid: null,
  label: null,
  ipv4: null,
  imei: null,
  network: null,
  country_code: null,
};

it.each(EVENT_TYPES)("documents a %s event as it is sent, in either payload", (type) => {
  const details = { session_id: "1", network_type: "LTE", status: "ok", reason: "why" };
  const sim = { ...NOTHING_KNOWN, iccid: "1", label: "one", ipv4: "10.0.0.1", imei: "2" };
  for (const event of [SAMPLES[type], { ...SAMPLES[type], ...details }])
    for (const facts of [NOTHING_KNOWN, sim]) {
      const classic = classicPayload(event);
      expect(ClassicPayloads[type].parse(classic)).toEqual(classic);
      const fleet = fleetPayload(event, facts);
      const schema = Object.entries(FleetPayloads).find(([name]) => name === fleetType(type));
      expect(schema?.[1].parse(fleet)).toEqual(fleet);
    }
});
