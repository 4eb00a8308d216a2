import { createClient } from "../../client";
import { type Fetch, retrying } from "../../client/retry";

interface Sent {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

/** A client of a server that answers by a script, what it sent, and how long it waited between. */
export function givenScript(script: (Response | Error | typeof SILENCE)[]) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const answer: Fetch = async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    sent.push({ method, path: pathname + search, headers, body: await request.text() });
    const step = script.shift() ?? new Error("the script is at its end");
    if (step instanceof Error) throw step;
    if (step === SILENCE) return untilAborted(request.signal);
    return step;
  };
  const wait = async (ms: number) => void waits.push(ms);
  const fetch = retrying(answer, { timeoutMs: 10, retries: 3, longestWaitMs: 60_000, wait });
  const baseUrl = "https://api.example.com/";
  return { sent, waits, simplane: createClient({ baseUrl, key: "sp_key", retries: 0, fetch }) };
}

/** No answer, as of a server that takes a call and does no more. */
export const SILENCE = "silence";

export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

export const ok = (body: object = { message: "OK" }) => Response.json(body);

export function refusal(status: number, error: string, headers: Record<string, string> = {}) {
  return Response.json({ error }, { status, headers });
}
