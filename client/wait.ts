const SECOND_MS = 1000;
const FIRST_WAIT_MS = 500;
/** A timer takes no longer one. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds that a `Retry-After` asks for: seconds, or a date. */
export function readRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * SECOND_MS;
  // `Date.parse` takes "-5", "1.5" and "10, 10" for days that are long past.
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Doubles with each try, and differs by up to a half, so that many callers do not come back together. */
export function backoff(tried: number, random = Math.random()): number {
  return FIRST_WAIT_MS * 2 ** tried * (1 - random / 2);
}

/** Rejects with the signal's reason when that comes first. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      },
      Math.min(ms, LONGEST_MS),
    );
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
