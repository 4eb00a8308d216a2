import { setTimeout as sleep } from "node:timers/promises";
import type { Simplane } from "../../client";
import type { Tally } from "./tally";

/** Accepted means queued: waits until the account's usage is all that was accepted, and says whether it came to that. */
export async function untilStored(
  account: Simplane,
  { upload, download, until = 0 }: Tally,
  begin: number,
  { signal, timeoutMs = 120_000 }: { signal: AbortSignal; timeoutMs?: number },
): Promise<boolean> {
  const iso = (time: number) => new Date(time).toISOString();
  const query = { time_begin: iso(begin), time_end: iso(until + 1), limit: 1 };
  const end = Date.now() + timeoutMs;
  while (Date.now() < end && !signal.aborted) {
    const { data } = await account.GET("/usage", { params: { query }, signal });
    if (Number(data.upload) === upload && Number(data.download) === download) return true;
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
