import { Ajv2020 } from "ajv/dist/2020";
import formats from "ajv-formats";
import { expect, inject, it } from "vitest";
import * as z from "zod";
import { SECTIONS } from "../../openapi/sections";
import { Document, examplesIn } from "./openapi/examples";
import { send } from "./openapi/world";

const NAME = "openapi.json";
const answer = await fetch(new URL(`/${NAME}`, inject("server").url));
const json = z.record(z.string(), z.unknown()).parse(await answer.json());
const examples = examplesIn(Document.parse(json));
const operations = new Map(
  SECTIONS.flatMap((section) => Object.values(section.operations)).map((one) => [one.id, one]),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(json, NAME);

it("serves the document to any page", () => {
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
});

it("shows an example of every operation", () => {
  expect(new Set(examples.map(({ operation }) => operation))).toEqual(new Set(operations.keys()));
});

it.concurrent.each(examples)("$operation ($name) is answered as documented", async (example) => {
  const { status, text, headers } = await send(example);
  const documented = operations.get(example.operation)?.answers[status];
  if (!documented) throw new Error(`${example.method} ${example.url}: ${status} ${text}`);
  if (headers["content-type"] === "application/x-ndjson" && documented.lines) return;
  const given: unknown = JSON.parse(text);
  const place = ["paths", example.path, example.method.toLowerCase(), "responses", String(status)];
  const pointer = [...place, "content", "application/json", "schema"].map((part) =>
    encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")),
  );
  const validate = ajv.getSchema(`${NAME}#/${pointer.join("/")}`);
  if (!validate) throw new Error(`no schema for ${status}`);
  void validate(given);
  expect(validate.errors).toBeNull();
  // What the schema does not know it drops: so nothing undocumented is answered.
  expect(documented.schema.parse(given)).toEqual(given);
});
