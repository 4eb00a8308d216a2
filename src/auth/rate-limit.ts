import { MINUTE_MS } from "../time";

const COUNTED_KEYS = 10_000;

/** This minute's calls that came to this isolate, by key. */
const windows = new Map<string, { minute: number; calls: number }>();

/** What a key may still do in the minute (UTC) that it is. */
export interface Allowance {
  limit: number;
  /** Negative: too many calls. */
  remaining: number;
  /** When the minute ends: seconds since 1970, and from now. */
  reset: number;
  resetIn: number;
}

/** Counts a call of a key, or one that is worth several. */
export function countCall(keyId: string, limit: number, now = Date.now(), calls = 1): Allowance {
  const minute = Math.floor(now / MINUTE_MS);
  let window = windows.get(keyId);
  if (window?.minute !== minute) {
    if (!window && windows.size >= COUNTED_KEYS) makeRoom(minute);
    window = { minute, calls: 0 };
    windows.set(keyId, window);
  }
  window.calls += calls;
  return allowance(limit, window.calls, now);
}

/** The same without counting one. */
export function allowanceOf(keyId: string, limit: number, now = Date.now()): Allowance {
  const window = windows.get(keyId);
  const calls = window?.minute === Math.floor(now / MINUTE_MS) ? window.calls : 0;
  return allowance(limit, calls, now);
}

/** The headers that tell it: the usual three, and those of draft-ietf-httpapi-ratelimit-headers. */
export function headersOf({ limit, remaining, reset, resetIn }: Allowance): [string, string][] {
  const left = Math.max(remaining, 0);
  return [
    ["x-ratelimit-limit", String(limit)],
    ["x-ratelimit-remaining", String(left)],
    ["x-ratelimit-reset", String(reset)],
    ["ratelimit-policy", `"default";q=${limit};w=60`],
    ["ratelimit", `"default";r=${left};t=${resetIn}`],
  ];
}

function allowance(limit: number, calls: number, now: number): Allowance {
  const reset = (Math.floor(now / MINUTE_MS) + 1) * (MINUTE_MS / 1000);
  return { limit, remaining: limit - calls, reset, resetIn: Math.ceil(reset - now / 1000) };
}

/** Forgets the minutes that have ended, or all where there are none: better a call too many than a memory that grows. */
function makeRoom(minute: number): void {
  for (const [keyId, window] of windows) if (window.minute < minute) windows.delete(keyId);
  if (windows.size >= COUNTED_KEYS) windows.clear();
}
