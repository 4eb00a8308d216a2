import { BoundedMap } from "../platform/bounded-map";
import { MINUTE_MS } from "../platform/time";

/** Keys, and accounts, that are counted at once. */
const COUNTED = 10_000;
/** How many times the limit of a key all keys of its account may spend together. */
export const ACCOUNT_SHARE = 4;
/** Calls a minute of a key that the account's limit does not refuse, where they must not wait for it. Other keys cannot use them up. */
const RESERVE = 5;

/** What came to this isolate: calls of a minute, and those of earlier minutes that went beyond their limit. */
interface Window {
  minute: number;
  spent: number;
  limit: number;
}
const ofKeys = new BoundedMap<string, Window>(COUNTED);
const ofAccounts = new BoundedMap<string, Window>(COUNTED);
const ofReserves = new BoundedMap<string, Window>(COUNTED);

/** Who calls. */
export interface Spender {
  keyId: string;
  accountId: string;
  /** Calls a minute of the key. */
  limit: number;
}

/** What a key may still do in the minute (UTC) that it is. */
export interface Allowance {
  /** The call may go on. */
  admitted: boolean;
  limit: number;
  /** Of the key and of its account, the lesser; never negative. */
  remaining: number;
  /** When a call is admitted again, the end of the minute at the earliest: seconds since 1970, and from now. */
  reset: number;
  resetIn: number;
}

/**
 * Counts calls where the key and its account have room for one; refused ones do not count. `own` calls were counted before
 * for the same request, and do not stand in its way. With `pastAccountLimit`, calls that the account has no room for go
 * on the key's reserve, and do not count for the account.
 */
export function countCalls(
  spender: Spender,
  calls = 1,
  { now = Date.now(), own = 0, pastAccountLimit = false } = {},
): Allowance {
  const windows = windowsOf(spender, now);
  const hasRoom = ({ spent, limit }: Window) => spent - own < limit;
  const [ofKey, ofAccount] = windows;
  const asked =
    pastAccountLimit && !hasRoom(ofAccount)
      ? [ofKey, windowOf(ofReserves, spender.keyId, RESERVE, minuteOf(now))]
      : windows;
  const admitted = asked.every(hasRoom);
  if (admitted) for (const window of asked) window.spent += calls;
  return allowance(spender, admitted ? windows : asked, admitted, now);
}

/** Counts work that was done: what goes beyond the minute's limit is taken from the next minutes. */
export function charge(spender: Spender, calls: number, now = Date.now()): Allowance {
  const windows = windowsOf(spender, now);
  for (const window of windows) window.spent += calls;
  return allowance(spender, windows, true, now);
}

/** The same without counting anything. */
export function allowanceOf(spender: Spender, now = Date.now()): Allowance {
  return allowance(spender, windowsOf(spender, now), true, now);
}

/** The headers that tell it: the usual three, and those of draft-ietf-httpapi-ratelimit-headers. */
export function headersOf({ limit, remaining, reset, resetIn }: Allowance): [string, string][] {
  return [
    ["x-ratelimit-limit", String(limit)],
    ["x-ratelimit-remaining", String(remaining)],
    ["x-ratelimit-reset", String(reset)],
    ["ratelimit-policy", `"default";q=${limit};w=60`],
    ["ratelimit", `"default";r=${remaining};t=${resetIn}`],
  ];
}

function windowsOf({ keyId, accountId, limit }: Spender, now: number): [Window, Window] {
  const minute = minuteOf(now);
  return [
    windowOf(ofKeys, keyId, limit, minute),
    windowOf(ofAccounts, accountId, limit * ACCOUNT_SHARE, minute),
  ];
}

function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS);
}

function windowOf(
  windows: BoundedMap<string, Window>,
  id: string,
  limit: number,
  minute: number,
): Window {
  const window = windows.get(id) ?? { minute, spent: 0, limit };
  if (window.minute < minute) {
    window.spent = debtOf(window, minute);
    window.minute = minute;
  }
  window.limit = limit;
  // The one that called longest ago is forgotten first.
  windows.set(id, window);
  return window;
}

/** What is left to pay off in a later minute. */
function debtOf(window: Window, minute: number): number {
  return Math.max(0, window.spent - window.limit * (minute - window.minute));
}

function allowance(
  { limit }: Spender,
  windows: readonly Window[],
  admitted: boolean,
  now: number,
): Allowance {
  const left = Math.min(...windows.map((window) => window.limit - window.spent));
  const minutes = windows.map((window) => Math.floor(window.spent / window.limit));
  const wait = Math.max(1, ...minutes);
  const reset = (minuteOf(now) + wait) * (MINUTE_MS / 1000);
  return {
    admitted,
    limit,
    remaining: Math.max(0, left),
    reset,
    resetIn: Math.ceil(reset - now / 1000),
  };
}
