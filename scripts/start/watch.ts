import { setTimeout as pause } from "node:timers/promises";

/** Calls in a row that nothing may answer. */
const MOST = 3;

/**
 * Resolves when nothing listens at the server's URL any more: wrangler goes on when the runtime that it started has ended.
 * A server that only takes long is not taken for one that has ended. Ends with the signal.
 */
export async function untilGone(
  url: string,
  { everyMs = 5_000, signal }: { everyMs?: number; signal: AbortSignal },
): Promise<void> {
  for (let missed = 0; missed < MOST;) {
    await pause(everyMs, undefined, { signal });
    missed = (await isRefused(url)) ? missed + 1 : 0;
  }
}

async function isRefused(url: string): Promise<boolean> {
  try {
    await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(10_000) });
    return false;
  } catch (error) {
    return error instanceof TypeError && codeOf(error.cause) === "ECONNREFUSED";
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
