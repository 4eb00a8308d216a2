import { zValidator } from "@hono/zod-validator";
import { createMiddleware } from "hono/factory";
import type * as z from "zod";
import { ApiError, type ErrorCode, ERRORS } from "../errors";
import { BODY_LIMIT, readJsonObject } from "./body";

/** Methods whose parameters may come in the query string. */
const BODILESS = new Set(["GET", "HEAD", "DELETE"]);

type Schema = z.ZodType<object, Record<string, unknown>>;

/**
 * Parses a call's parameters: the JSON body, which {@link BODILESS} methods may leave out and which wins over
 * their query string. A wrong field ends the request with `<field>_invalid`, the schema's first field first.
 */
export function input<S extends Schema>(
  schema: S,
  { limit = BODY_LIMIT, bodyOptional = false } = {},
) {
  return createMiddleware<object, string, { in: { json: z.input<S> }; out: { json: z.output<S> } }>(
    async (c, next) => {
      const body = await readJsonObject(c.req.raw, limit);
      const mayHaveNone = BODILESS.has(c.req.method);
      if (!body && !mayHaveNone && !bodyOptional) throw new ApiError("json_invalid");
      const given = mayHaveNone ? { ...queryOf(c.req.queries()), ...body } : (body ?? {});
      const parsed = schema.safeParse(given);
      if (!parsed.success) throw new ApiError(codeOf(parsed.error));
      c.req.addValidatedData("json", parsed.data);
      await next();
    },
  );
}

/** Parses the path's parameters; a wrong one ends the request with `<name>_invalid`. */
export function path<S extends Schema>(schema: S) {
  return zValidator("param", schema, (result) => {
    if (!result.success) throw new ApiError(codeOf(result.error));
  });
}

/** `<field>_invalid` of the first field that is wrong. */
export function codeOf(error: z.core.$ZodError): ErrorCode {
  const code = `${String(error.issues[0]?.path[0])}_invalid`;
  if (!isErrorCode(code)) throw new Error(`no error code ${code}`);
  return code;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** A parameter given twice stays a list, which no schema takes. */
function queryOf(queries: Record<string, string[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}
