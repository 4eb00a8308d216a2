import { expect, it } from "vitest";
import { ERRORS } from "../../src/errors";
import { SAMPLES } from "../../src/events/catalogue";
import { EVENT_TYPES } from "../../src/events/types";
import { ClassicPayloads, FleetPayloads } from "../../src/events/payload-answers";
import { classicPayload, fleetPayload, fleetType } from "../../src/events/payload";
import { buildDocument } from "../../src/openapi/document";
import { SECTIONS } from "../../src/openapi/sections";
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
  const told = document.components.schemas.ErrorCode.oneOf;
  expect(told).toEqual(
    Object.entries(ERRORS).map(([code, [status, sentence]]) => {
      return { const: code, description: `${status}: ${sentence}` };
    }),
  );
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
