import { BoundedMap } from "../bounded-map";
import { HOUR_MS } from "../time";

/** Bytes of larger answers that are kept of an account's calls in an hour: those of bulk changes to a million SIMs. */
const MOST_BYTES = 32_000_000;
/** Bytes of an answer that is always kept: one that shows a secret, above all. */
const SMALL = 2_000;

/** An hour's bytes of the calls that came to this isolate, by account. */
const kept = new BoundedMap<string, { hour: number; bytes: number }>(10_000);

/** Whether an answer of so many bytes may be kept; counts it then. A loop that ran away must not fill the database of all. */
export function countKept(accountId: string, bytes: number, now = Date.now()): boolean {
  if (bytes <= SMALL) return true;
  const hour = Math.floor(now / HOUR_MS);
  const before = kept.get(accountId);
  const after = (before?.hour === hour ? before.bytes : 0) + bytes;
  if (after > MOST_BYTES) return false;
  kept.set(accountId, { hour, bytes: after });
  return true;
}
