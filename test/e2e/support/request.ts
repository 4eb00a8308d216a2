import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { inject } from "vitest";

const TIMEOUT_MS = 60_000;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** What the development server's proxy says when it lost its connection to the Worker before a call that is no GET. */
const LOST = "Your worker restarted mid-request";

/** Sends a request on a connection of its own. A body that is not text or bytes is sent as JSON, on GET and DELETE too. */
export async function request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await send(method, path, body, headers);
  return answer.text.startsWith(LOST) ? send(method, path, body, headers) : answer;
}

function send(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const bytes = asBytes(body);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, inject("server").url), {
      method,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...headers, ...(bytes && { "content-length": String(bytes.byteLength) }) },
    });
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      textOf(response).then((text) => resolve({ status, headers: answered, text }), reject);
    });
    // After an answer this changes nothing: the server may refuse the rest of a body.
    sent.on("error", reject);
    sent.end(bytes);
  });
}

/** The same as the operator. */
export function asOperator(method: string, path: string, body?: unknown): Promise<Answer> {
  return request(method, path, body, { authorization: inject("server").operatorKey });
}

/** The answer's JSON object; throws when the call was refused. */
export function objectIn(answer: Answer): Record<string, unknown> {
  const value: unknown = JSON.parse(answer.text);
  if (answer.status >= 300 || !isObject(value))
    throw new Error(`unexpected answer: ${answer.status} ${answer.text}`);
  return value;
}

/** A text of the answer's JSON object. */
export function textIn(answer: Answer, name: string): string {
  const value = objectIn(answer)[name];
  if (typeof value !== "string") throw new Error(`no text ${name} in ${answer.text}`);
  return value;
}

/** A list of the answer's JSON object. */
export function listIn(answer: Answer, name: string): Record<string, unknown>[] {
  const value = objectIn(answer)[name];
  if (!Array.isArray(value)) throw new Error(`no list ${name} in ${answer.text}`);
  return value.filter((row: unknown) => isObject(row));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asBytes(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
