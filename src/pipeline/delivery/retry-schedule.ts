const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** A queue holds a message back no longer. */
const MOST = 24 * HOUR;
const JITTER = 0.2;

/** Seconds before each try, the first one aside; the advice of Standard Webhooks 1.0.0, 75.6 h in all. */
const DELAYS = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** What `Retry-After` is rounded up to: the events that an endpoint puts off go into few messages, whatever it asks for. */
const STEPS = [
  5,
  10,
  20,
  40,
  ...[1, 2, 5, 10, 20, 40].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 8, 16, 24].map((hours) => hours * HOUR),
];

/**
 * Seconds before the try after `attempt` (from 1), up to a fifth earlier or later, but never before what the
 * endpoint asked for (`retryAfter`, seconds, rounded up to one of a few steps) as far as that is within 24 h; undefined
 * when there is none left.
 */
export function nextDelay(
  attempt: number,
  { retryAfter = 0, random = Math.random() }: { retryAfter?: number; random?: number } = {},
): number | undefined {
  const delay = DELAYS[attempt - 1];
  if (delay === undefined) return undefined;
  const jittered = Math.round(delay * (1 + JITTER * (2 * random - 1)));
  const asked = retryAfter === 0 ? 0 : (STEPS.find((step) => step >= retryAfter) ?? MOST);
  return Math.min(Math.max(jittered, asked), MOST);
}

/** Seconds that a `Retry-After` header asks for, in either of its forms (RFC 9110, 10.2.3); 0 when it asks for nothing. */
export function retryAfterSeconds(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header);
  const seconds = Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
