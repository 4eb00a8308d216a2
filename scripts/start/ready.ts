import { setTimeout as pause } from "node:timers/promises";
import type { Wrangler } from "./wrangler";

const STEP_MS = 100;

/** The development server's URL, once it answers there. Throws when it ends or is not there in `timeoutMs`. */
export async function untilReady(wrangler: Wrangler, timeoutMs = 90_000): Promise<string> {
  const end = Date.now() + timeoutMs;
  let ended = false;
  void wrangler.ended.then(() => (ended = true));
  while (Date.now() < end) {
    if (ended) throw new Error("The development server did not start.");
    const url = /Ready on (http\S+)/.exec(wrangler.output())?.[1];
    const status = url && (await statusOf(url));
    // Without a key; a server with a wrong configuration answers 500, and says why in its output.
    if (url && status === 401) return url;
    if (status) throw new Error(`The development server answers ${status}.`);
    await pause(STEP_MS);
  }
  throw new Error(`The development server was not ready in ${timeoutMs / 1000} s.`);
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
  } catch {
    return undefined;
  }
}
