import type * as z from "zod";
import { type ErrorCode, isErrorCode } from "../src/platform/errors";
import type { Asks } from "../src/http/asks";
import { BODILESS } from "../src/http/known-parameters";
import { type Components, isJson, type Json, PASSED_OVER } from "./json-schema";
import type { Operation } from "./operation";

const ANY: ErrorCode[] = ["internal_error"];
/** What any call with a key may end with. */
const KEYED: ErrorCode[] = [
  "bookmark_invalid",
  "parameter_unknown",
  "unauthorized",
  // Guesses at keys are counted on every path.
  "too_many_requests",
  "https_required",
  "overloaded",
  "storage_full",
];
const CUSTOMER: ErrorCode[] = ["address_forbidden"];
/** What any change by a key may end with. */
const CHANGING: ErrorCode[] = [
  "change_budget_spent",
  "idempotency_budget_spent",
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "idempotency_in_progress",
  "idempotency_answer_not_kept",
];

/** Every code that a call may end with: what its middlewares and its schemas refuse, and its own. */
export function codesOf(
  components: Components,
  method: string,
  asks: readonly Asks[],
  operation: Operation,
): ErrorCode[] {
  const codes = new Set<ErrorCode>(ANY);
  for (const one of asks) {
    if ("caller" in one) for (const code of KEYED) codes.add(code);
    if ("scope" in one) {
      for (const code of CUSTOMER) codes.add(code);
      if (one.scope !== null) codes.add("scope_missing");
      if (method !== "GET") for (const code of [...CHANGING, BODY_SIZE]) codes.add(code);
    } else if ("caller" in one) codes.add("operator_only");
    if ("input" in one || "list" in one) for (const code of BODY) codes.add(code);
    if ("list" in one) codes.add(one.code);
    const schema = schemaOf(one);
    if (!schema) continue;
    const fields = fieldsIn(components, components.of(schema, "input"));
    for (const name of fields.names) {
      const code = `${name}_invalid`;
      if (isErrorCode(code)) codes.add(code);
    }
    const isOfBody = "input" in one && !BODILESS.has(method);
    if (fields.strict && isOfBody) codes.add("field_unknown");
  }
  if (operation.etag?.taken) codes.add("if_match_invalid").add("changed_meanwhile");
  for (const code of operation.errors ?? []) codes.add(code);
  return [...codes];
}

const BODY_SIZE: ErrorCode = "body_too_large";
const BODY: ErrorCode[] = ["json_invalid", BODY_SIZE, "encoding_unsupported"];

/** A list's items are refused one by one, with an answer. */
function schemaOf(asks: Asks): z.ZodType | undefined {
  if ("path" in asks) return asks.path;
  if ("query" in asks) return asks.query;
  return "input" in asks ? asks.input : undefined;
}

/** The fields that can be wrong, in any of a schema's alternatives. */
function fieldsIn(components: Components, json: Json): { names: string[]; strict: boolean } {
  const { $ref: reference, properties } = json;
  if (typeof reference === "string") {
    const named = components.schemas[reference.slice(reference.lastIndexOf("/") + 1)];
    return named ? fieldsIn(components, named) : { names: [], strict: false };
  }
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((kind) => {
    const list = json[kind];
    return Array.isArray(list) ? list.filter((part: unknown) => isJson(part)) : [];
  });
  const inner = parts.map((part) => fieldsIn(components, part));
  const own = Object.entries(isJson(properties) ? properties : {}).filter(
    ([, property]) => !(isJson(property) && property["description"] === PASSED_OVER),
  );
  return {
    names: [...own.map(([name]) => name), ...inner.flatMap(({ names }) => names)],
    strict: json["additionalProperties"] === false || inner.some((part) => part.strict),
  };
}
