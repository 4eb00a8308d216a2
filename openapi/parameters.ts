import type * as z from "zod";
import type { Asks } from "../src/http/asks";
import { type Components, isJson, type Json } from "./json-schema";
import type { Operation, Parameter } from "./operation";

/** Parameters that mean the same wherever they are. */
const COMMON: Record<string, Parameter> = {
  limit: { what: "How many a page has at most.", example: 2 },
  offset: { what: "How many to pass over.", example: 0 },
  next_page: { what: "The cursor of the page before.", example: "WzE3OTU0OTM1ODU4MDYsMV0" },
  since: { what: "From this time on, inclusive.", example: "2026-11-24T00:00:00Z" },
  until: { what: "Before this time.", example: "2026-11-25T00:00:00Z" },
};

/** Headers that calls may have. */
export const HEADERS: Record<string, Json> = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Names the change, a new one for each: the same request with it again makes no second one, and is answered as the first was, for 24 hours.",
    schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" },
    example: "nightly-2026-11-25-0001",
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    description: "The `ETag` of an answer: nothing happens where the SIM was changed since.",
    schema: {
      type: "string",
      maxLength: 1024,
      pattern: String.raw`^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$`,
    },
    example: "*",
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of an answer: 304 without a body where the SIM is still the same.",
    schema: { type: "string", maxLength: 1024 },
    example: '"1795576255135-0"',
  },
  Bookmark: {
    name: "x-d1-bookmark",
    in: "header",
    description:
      "The `x-d1-bookmark` of an earlier answer: the call sees at least what that one saw.",
    schema: { type: "string", pattern: "^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$" },
    example: "00000000-00000000-00000000-00000000000000000000000000000000",
  },
};

/** Those of the path or of the query, one a field of the schema. */
export function parametersOf(
  components: Components,
  schema: z.ZodType,
  place: "path" | "query",
  operation: Operation,
): Json[] {
  const { properties, required } = components.of(schema, "input");
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isJson(properties) ? properties : {}).map(([name, its]) => {
    const parameter = operation.parameters?.[name] ?? COMMON[name];
    if (!parameter) throw new Error(`${operation.id}: nothing says what ${name} is`);
    return {
      name,
      in: place,
      description: parameter.what,
      required: needed.includes(name),
      ...(isJson(its) && its["type"] === "object" && { style: "deepObject", explode: true }),
      schema: its,
      example: parameter.example,
    };
  });
}

/** The headers that a call takes besides its key. */
export function headersOf(method: string, asks: readonly Asks[], operation: Operation): Json[] {
  const changes = method !== "GET" && asks.some((one) => "scope" in one);
  return [
    ...(changes ? ["IdempotencyKey"] : []),
    ...(operation.etag?.taken ? ["IfMatch"] : []),
    ...(operation.etag?.conditional ? ["IfNoneMatch"] : []),
    "Bookmark",
  ].map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
