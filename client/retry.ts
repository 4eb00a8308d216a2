import { backoff, readRetryAfter } from "./wait";

export type Fetch = (request: Request) => Promise<Response>;

/** How long a call is tried. */
export interface Patience {
  /** What one try has until its answer is there: the whole of a JSON answer, else the answer's head. */
  timeoutMs: number;
  retries: number;
  /** A longer wait is not waited for: the caller is told at once. */
  longestWaitMs: number;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

type Outcome = { response: Response } | { failure: unknown };

const TOO_MANY = 429;
const CONFLICT = 409;
/** The database cannot be asked for the moment, or what stands before the API does not reach it: 520 to 530 are Cloudflare's. */
function isOutOfReach(status: number): boolean {
  return (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
}
/** A `PATCH` of the API sets what it names, whatever is there. */
const REPEATABLE = new Set(["GET", "HEAD", "PUT", "PATCH", "DELETE"]);

/** A fetch that tries again what was not done, or what does no harm when it is done twice. */
export function retrying(
  fetch: Fetch,
  { timeoutMs, retries, longestWaitMs, wait }: Patience,
): Fetch {
  return async (request) => {
    for (let tried = 0; ; tried += 1) {
      const isLast = tried >= retries;
      const outcome = await attempt(fetch, request, { isLast, timeoutMs });
      const ms = isLast ? undefined : waitBeforeNext(request, outcome, tried);
      if (ms === undefined || ms > longestWaitMs) {
        if ("failure" in outcome) throw outcome.failure;
        return outcome.response;
      }
      if ("response" in outcome) await outcome.response.body?.cancel();
      await wait(ms, request.signal);
    }
  };
}

async function attempt(
  fetch: Fetch,
  request: Request,
  { isLast, timeoutMs }: { isLast: boolean; timeoutMs: number },
): Promise<Outcome> {
  const late = new AbortController();
  const signal = AbortSignal.any([request.signal, late.signal]);
  const sent = new Request(isLast ? request : request.clone(), { signal });
  const giveUp = (..._held: Request[]) =>
    late.abort(new DOMException(`no answer in ${timeoutMs} ms`, "TimeoutError"));
  // The timer holds on to both: Node collects a request that only waits, and with it what its signal would tell.
  const timer = setTimeout(giveUp, timeoutMs, request, sent);
  try {
    return { response: await whole(await fetch(sent)) };
  } catch (failure) {
    return { failure };
  } finally {
    clearTimeout(timer);
  }
}

/** A JSON answer with all of its body, so that one that breaks off is tried again as well. Longer ones come as they come. */
async function whole(response: Response): Promise<Response> {
  const { body, headers, status, statusText } = response;
  if (!body || !headers.get("content-type")?.startsWith("application/json")) return response;
  return new Response(await response.arrayBuffer(), { headers, status, statusText });
}

/** Milliseconds until a call is tried again; undefined when it is not. */
function waitBeforeNext(request: Request, outcome: Outcome, tried: number): number | undefined {
  if (request.signal.aborted) return undefined;
  if ("failure" in outcome) return mayRepeat(request) ? backoff(tried) : undefined;
  const { status, headers } = outcome.response;
  const asked = readRetryAfter(headers.get("retry-after"));
  if (status === TOO_MANY) return asked ?? backoff(tried);
  // Of all conflicts only `idempotency_in_progress` passes by itself, and only it says when.
  if (status === CONFLICT) return asked;
  return isOutOfReach(status) && mayRepeat(request) ? (asked ?? backoff(tried)) : undefined;
}

function mayRepeat({ method, headers }: Request): boolean {
  return REPEATABLE.has(method) || headers.has("idempotency-key");
}
