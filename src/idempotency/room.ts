import { HOUR_MS } from "../time";

/** Bytes of larger answers that are kept of an account's calls in an hour: those of bulk changes to a million SIMs. */
const MOST_BYTES = 32_000_000;
/** Bytes of an answer that is always kept: one that shows a secret, above all. */
const SMALL = 2_000;

let hour = 0;
/** This hour's bytes of the calls that came to this isolate, by account. */
const bytesOf = new Map<string, number>();

/** Whether an answer of so many bytes may be kept; counts it then. A loop that ran away must not fill the database of all. */
export function countKept(accountId: string, bytes: number, now = Date.now()): boolean {
  if (bytes <= SMALL) return true;
  const current = Math.floor(now / HOUR_MS);
  if (current !== hour) bytesOf.clear();
  hour = current;
  const after = (bytesOf.get(accountId) ?? 0) + bytes;
  if (after > MOST_BYTES) return false;
  bytesOf.set(accountId, after);
  return true;
}
