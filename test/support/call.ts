import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../../src/platform/env";
import worker from "../../src/index";
import { expectDocumented } from "./documented";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body, read as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says by its expectations what it holds
  json: any;
}

export interface CallOptions {
  key?: string;
  headers?: Record<string, string>;
  env?: Partial<Env>;
  origin?: string;
}

let lastAddress = 0;

/** Every call comes from a network of its own, unless a test gives an address: the emulator counts guesses across tests. */
function newAddress(): string {
  lastAddress += 1;
  return `2001:db8:${(lastAddress >> 16).toString(16)}:${(lastAddress & 0xffff).toString(16)}::1`;
}

/** Sends a request to the Worker; whatever it answers must be documented. A body that is not text or bytes is sent as JSON. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  { key, headers = {}, env: changes = {}, origin = "https://api.example.com" }: CallOptions = {},
): Promise<Answer> {
  const request = new Request<unknown, IncomingRequestCfProperties>(origin + path, {
    method,
    headers: {
      "cf-connecting-ip": newAddress(),
      ...(key !== undefined && { authorization: key }),
      ...headers,
    },
    ...(body !== undefined && { body: asBody(body) }),
  });
  const context = createExecutionContext();
  const response = await worker.fetch(request, { ...env, ...changes }, context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const json: unknown = isJson && text !== "" ? JSON.parse(text) : undefined;
  expectDocumented(method, request.url, { status: response.status, json });
  return { status: response.status, headers: response.headers, text, json };
}

/** The same as the operator. */
export function callAsOperator(
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  return call(method, path, body, { key: env.OPERATOR_KEY, ...options });
}

function asBody(body: unknown): string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}
