import { zValidator } from "@hono/zod-validator";
import type { HonoRequest } from "hono";
import { createMiddleware } from "hono/factory";
import type * as z from "zod";
import { ApiError, type ErrorCode, isErrorCode } from "../platform/errors";
import { asking } from "./asks";
import { BODY_LIMIT, readJsonBody, readJsonObject } from "./body";
import { detailOf, PARSING } from "./error-detail";
import { BODILESS, refusingUnknownInBody } from "./known-parameters";

/** Of a call's parameters. */
export type Schema = z.ZodType<object, Record<string, unknown>>;

/**
 * Parses a call's parameters: the JSON body, which {@link BODILESS} methods may leave out and which wins over
 * their query string. A wrong field ends the request with `<field>_invalid`, the schema's first field first. A field
 * of such a method's body that the call does not know is refused, unless the call `ignoresOthers`.
 */
export function input<S extends Schema>(
  schema: S,
  { limit = BODY_LIMIT, bodyOptional = false, aliases = NO_ALIASES, ignoresOthers = false } = {},
) {
  const asks = { input: schema, bodyOptional, aliases };
  const refuseUnknown = refusingUnknownInBody(asks);
  const middleware = createMiddleware<
    object,
    string,
    { in: { json: z.input<S> }; out: { json: z.output<S> } }
  >(async (c, next) => {
    const given = await readInput(c.req, limit, bodyOptional);
    if (BODILESS.has(c.req.method) && !ignoresOthers) refuseUnknown(given);
    c.req.addValidatedData("json", parseInput(schema, given));
    await next();
  });
  return asking(asks, middleware);
}

const NO_ALIASES: readonly string[] = [];

/** A call's parameters as they were sent. */
export async function readInput(
  request: HonoRequest,
  limit = BODY_LIMIT,
  bodyOptional = false,
): Promise<Record<string, unknown>> {
  const body = await readJsonObject(request.raw, limit);
  const mayHaveNone = BODILESS.has(request.method);
  if (!body && !mayHaveNone && !bodyOptional)
    throw new ApiError("json_invalid", {}, "the body: expected a JSON object, got nothing");
  return mayHaveNone ? { ...queryOf(request.queries()), ...body } : (body ?? {});
}

/** What was sent as the schema has it; a wrong field throws. */
export function parseInput<S extends Schema>(
  schema: S,
  given: Record<string, unknown>,
): z.output<S> {
  const parsed = schema.safeParse(given, PARSING);
  if (!parsed.success) throw refusalOf(parsed.error);
  return parsed.data;
}

/** Parses a body that is a list; one that is none, or not of `schema`, ends the request with `code`. */
export function inputList<S extends z.ZodType<unknown[], unknown[]>>(schema: S, code: ErrorCode) {
  const middleware = createMiddleware<
    object,
    string,
    { in: { json: z.input<S> }; out: { json: z.output<S> } }
  >(async (c, next) => {
    const parsed = schema.safeParse(await readJsonBody(c.req.raw, BODY_LIMIT), PARSING);
    if (!parsed.success) throw new ApiError(code, {}, detailIn(parsed.error.issues));
    c.req.addValidatedData("json", parsed.data);
    await next();
  });
  return asking({ list: schema, code }, middleware);
}

/** Parses the query string beside a body; a wrong parameter ends the request as a wrong field does. */
export function query<S extends Schema>(schema: S) {
  return asking(
    { query: schema },
    zValidator("query", schema, undefined, { validationFunction: parseOrThrow }),
  );
}

/** Parses the path's parameters; a wrong one ends the request with `<name>_invalid`. */
export function path<S extends Schema>(schema: S) {
  return asking(
    { path: schema },
    zValidator("param", schema, undefined, { validationFunction: parseOrThrow }),
  );
}

/** Never answers a failure, for which the library would make an answer of its own: a wrong field throws. */
function parseOrThrow<S extends Schema>(schema: S, given: Record<string, unknown>) {
  return { success: true as const, data: parseInput(schema, given) };
}

/**
 * Why an input is refused: `<field>_invalid` of the first field that is wrong, or `field_unknown` where that is all.
 * Its detail is the better one where {@link PARSING} parsed it.
 */
export function refusalOf({ issues }: Pick<z.core.$ZodError, "issues">): ApiError {
  const known = issues.filter((issue) => !isUnknownField(issue));
  const code = known.length > 0 ? codeOf({ issues: known }) : "field_unknown";
  return new ApiError(code, {}, detailIn(known.length > 0 ? known : issues));
}

function isUnknownField({ code, path: at }: z.core.$ZodIssue): boolean {
  return code === "unrecognized_keys" && at.length === 0;
}

function detailIn([first]: readonly z.core.$ZodIssue[]): string | undefined {
  return first && detailOf(first);
}

/** `<field>_invalid` of the first field that is wrong. */
function codeOf(error: Pick<z.core.$ZodError, "issues">): ErrorCode {
  const code = `${String(error.issues[0]?.path[0])}_invalid`;
  if (!isErrorCode(code)) throw new Error(`no error code ${code}`);
  return code;
}

/** A parameter given twice stays a list, which no schema takes. */
function queryOf(queries: Record<string, string[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}
