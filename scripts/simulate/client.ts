import { setTimeout as sleep } from "node:timers/promises";
import type * as z from "zod";
import { ApiFailure } from "../start/api";

/** Calls the server with one key; `body` goes as JSON, a text as lines of it. */
export type Call = <S extends z.ZodType>(
  method: string,
  path: string,
  answer: S,
  body?: object | string,
) => Promise<z.output<S>>;

/** There is no server, or none any more. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

export interface Patience {
  tries: number;
  /** Told of each wait. */
  tell: (why: string, seconds: number) => void;
  signal: AbortSignal;
  timeoutMs?: number;
}

/**
 * A client that tries again what may work later: too many calls (429) and the server's own failures (5xx), after
 * `Retry-After` where it is told, and a connection that is lost. Throws {@link ApiFailure} and {@link Unreachable}.
 */
export function client(url: string, key: string, patience: Patience): Call {
  const { tries, tell, signal, timeoutMs = 60_000 } = patience;
  return async (method, path, answer, body) => {
    const call = `${method} ${path}`;
    for (let attempt = 1; ; attempt++) {
      const got = await once(new URL(path, url), request(method, key, body, timeoutMs));
      if ("text" in got && got.status < 300) return answer.parse(JSON.parse(got.text));
      const failure =
        "text" in got
          ? new ApiFailure(call, got.status, got.text)
          : new Unreachable(`${call}: ${got.why}`);
      const mayWorkLater = !("text" in got) || got.status === 429 || got.status >= 500;
      if (!mayWorkLater || attempt >= tries || signal.aborted) throw failure;
      const seconds = ("text" in got && got.retryAfter) || Math.min(30, 2 ** (attempt - 1));
      tell(failure.message, seconds);
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  };
}

function request(
  method: string,
  key: string,
  body: object | string | undefined,
  timeoutMs: number,
): RequestInit {
  const type = typeof body === "string" ? "application/x-ndjson" : "application/json";
  return {
    method,
    headers: { authorization: key, ...(body !== undefined && { "content-type": type }) },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  };
}

type Got = { status: number; text: string; retryAfter: number } | { why: string };

async function once(url: URL, init: RequestInit): Promise<Got> {
  try {
    const response = await fetch(url, init);
    const retryAfter = Number(response.headers.get("retry-after")) || 0;
    return { status: response.status, text: await response.text(), retryAfter };
  } catch (error) {
    return { why: reasonOf(error) };
  }
}

/** `fetch` says only that it failed; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}
