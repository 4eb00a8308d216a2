import { ApiError } from "../platform/errors";
import { decodedBody } from "./content-encoding";
import { readBytes } from "./read-bytes";

/** Bytes a body may have, unless the call says otherwise. */
export const BODY_LIMIT = 256 * 1024;

/** The request's JSON object; undefined when it has no body. Throws `json_invalid` and `body_too_large`. */
export async function readJsonObject(
  request: Request,
  limit: number,
): Promise<Record<string, unknown> | undefined> {
  const value = await readJsonBody(request, limit);
  if (value !== undefined && !isObject(value))
    throw new ApiError("json_invalid", {}, "the body: expected a JSON object, got another value");
  return value;
}

/** What the request's body says; undefined when it has none. Throws `json_invalid`, `body_too_large` and `encoding_unsupported`. */
export async function readJsonBody(request: Request, limit: number): Promise<unknown> {
  const bytes = await readBytes(await decodedBody(request, limit), limit);
  return bytes.byteLength === 0 ? undefined : parseJson(decode(bytes));
}

/** What a JSON text says. Throws `json_invalid`, for an object that has a name twice too. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError("json_invalid", {}, "the body: expected JSON");
  }
  if (namesIn(text) !== namesOf(value))
    throw new ApiError("json_invalid", {}, "the body: an object in it has a name twice");
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new ApiError("json_invalid", {}, "the body: expected UTF-8");
  }
}

/** How many names a valid JSON text gives, repeated ones included. */
function namesIn(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)) if (colon) names += 1;
  return names;
}

/** How many names the parsed value kept. Iterative: a body may be nested as deep as it is long. */
function namesOf(value: unknown): number {
  let names = 0;
  const rest = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== "object" || next === null) continue;
    const children = Object.values(next);
    if (!Array.isArray(next)) names += children.length;
    for (const child of children) rest.push(child);
  }
  return names;
}
