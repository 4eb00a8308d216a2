import { and, eq, isNull, lt, or } from "drizzle-orm";
import { BoundedMap } from "../platform/bounded-map";
import { openPrimary } from "../db/client";
import { apiKeys } from "../db/tables";
import { logFailure } from "../platform/log";

const QUARTER_MS = 15 * 60_000;
/** The quarter of an hour that this isolate last wrote, by key. */
const written = new BoundedMap<string, number>(10_000);

/** Writes that a key is in use: once a quarter of an hour and isolate, after the answer. */
export function noteUse(
  d1: D1Database,
  keyId: string,
  waitUntil: (promise: Promise<unknown>) => void,
  now = Date.now(),
): void {
  const quarter = now - (now % QUARTER_MS);
  if (written.get(keyId) === quarter) return;
  written.set(keyId, quarter);
  waitUntil(write(d1, keyId, quarter));
}

/** For tests: a new isolate's memory. */
export function forgetUses(): void {
  written.clear();
}

/** Another isolate may have written it already: then this writes no row. */
async function write(d1: D1Database, keyId: string, quarter: number): Promise<void> {
  const older = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, quarter));
  try {
    await openPrimary(d1)
      .update(apiKeys)
      .set({ lastUsedAt: quarter })
      .where(and(eq(apiKeys.id, keyId), older));
  } catch (error) {
    logFailure("last_used_at not written", error);
  }
}
