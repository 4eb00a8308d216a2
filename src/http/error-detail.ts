import type * as z from "zod";
import { isObject } from "./body";

/** Characters of a detail, and of a piece of the caller's text in it. */
const LONGEST = 200;
const LONGEST_PIECE = 40;

/** Fields whose content may be a secret: a detail says only how long it is. */
const SECRET = new Set<PropertyKey>(["authorization", "options", "url"]);

const KINDS: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const FORMATS: Record<string, string> = {
  uuid: "a UUID",
  url: "a URL",
  date: "a date, YYYY-MM-DD",
  datetime: "a time in ISO 8601 with its zone",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
};

const ANOTHER_VALUE = "another value";

/** How an input is parsed: an issue's message then says what was expected. A schema's own `error` is in the same words. */
export const PARSING = { error: expectation, reportInput: true } as const;

/** What the API answers as `x-error-detail`: at most 200 visible ASCII characters, whatever the text holds. */
export function asDetail(text: string): string {
  return cut(visible(text), LONGEST);
}

/** A piece of the caller's text in a detail. */
export function quoted(text: string): string {
  return cut(visible(JSON.stringify(text)), LONGEST_PIECE);
}

/** What is wrong with a value: which field, what was expected, what came; undefined where the schema does not say. */
export function detailOf(issue: z.core.$ZodIssue): string | undefined {
  const { path, message, ...rest } = innermost(issue);
  const input = inputOf(rest, path);
  if (message === ANOTHER_VALUE) return undefined;
  const field = path.length === 0 ? "the body" : path.map(String).join(".");
  if (rest.code === "custom" && input === undefined)
    return asDetail(`${field}: expected ${message}`);
  if (rest.code !== "unrecognized_keys")
    return asDetail(`${field}: expected ${message}, got ${given(rest.code, path, input)}`);
  const names = rest.keys.map(quoted).join(", ");
  return asDetail(`${names}: no field of ${field}, which has ${message}`);
}

/** A field that tells forms of an object apart is reported with the whole object. */
function inputOf({ code, input }: Pick<z.core.$ZodIssue, "code" | "input">, path: PropertyKey[]) {
  const field = path.at(-1);
  const isTellingApart = code === "invalid_union" && field !== undefined && isObject(input);
  return isTellingApart ? input[String(field)] : input;
}

/** Of a value that may have one of several forms, what is wrong in the one that it was meant to have. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union" || issue.message !== ANOTHER_VALUE) return issue;
  const meant = issue.errors.flatMap(([first]) =>
    first && !(first.code === "invalid_type" && first.path.length === 0) ? [first] : [],
  );
  const [only] = meant;
  if (!only || meant.length > 1) return issue;
  return innermost({ ...only, path: [...issue.path, ...only.path] });
}

function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return oneOf(issue.values);
    case "too_small":
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return FORMATS[issue.format] ?? `text of the form ${issue.pattern}`;
    case "unrecognized_keys":
      return keysOf(issue.inst).join(", ");
    case "invalid_union":
      return Array.isArray(issue.options) ? oneOf(issue.options) : ANOTHER_VALUE;
    default:
      return ANOTHER_VALUE;
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function keysOf(schema: unknown): string[] {
  return schema instanceof Object && "shape" in schema && schema.shape instanceof Object
    ? Object.keys(schema.shape)
    : [];
}

function given(code: string, path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "string") {
    if (path.some((name) => SECRET.has(name))) return `a string of ${value.length} characters`;
    return code === "invalid_type" ? "a string" : quoted(value);
  }
  if (typeof value !== "number") return "an object";
  return code === "invalid_type" ? "a number" : String(value);
}

function visible(text: string): string {
  return text.replaceAll(/[^ -~]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}
