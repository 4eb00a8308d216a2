import type { Context } from "hono";
import { costInCalls } from "../access/cost";
import { type Allowance, charge, countCalls, type Spender } from "../access/rate-limit";
import { ApiError } from "../platform/errors";
import type { Keyed, Step } from "./types";

/**
 * Counts the call. Throws `too_many_requests` where the key or its account has used up the minute; with
 * `pastAccountLimit`, the account's limit does not refuse the first calls of a minute.
 */
export function rateLimit({ pastAccountLimit = false } = {}): Step<Keyed> {
  return (c, next) => {
    const allowance = countCalls(spenderOf(c), 1, { pastAccountLimit });
    c.set("allowance", allowance);
    if (!allowance.admitted) throw tooMany(allowance);
    c.set("counted", 1);
    return next();
  };
}

/** Charges the call, when it has run, for its work in the database. */
export const chargeCost: Step<Keyed> = async (c, next) => {
  try {
    await next();
  } finally {
    countCost(c);
  }
};

/**
 * Counts a call as several before it does their work. Throws `too_many_requests` where others have used up the limit
 * meanwhile, so that of many such calls at once not all pass.
 */
export function countAs(c: Context<Keyed>, calls: number): void {
  const counted = c.get("counted");
  if (calls <= counted) return;
  const allowance = countCalls(spenderOf(c), calls - counted, { own: counted });
  c.set("allowance", allowance);
  if (!allowance.admitted) throw tooMany(allowance);
  c.set("counted", calls);
}

/** Counts a call as what its work has cost so far, where that is more than it has counted as. */
export function countCost(c: Context<Keyed>): void {
  countWork(c, costInCalls(c.get("spent")));
}

/** Counts a call as that many, where that is more than it has counted as, for work that it has done or begun. */
export function countWork(c: Context<Keyed>, calls: number): void {
  const counted = c.get("counted");
  if (calls <= counted) return;
  c.set("counted", calls);
  c.set("allowance", charge(spenderOf(c), calls - counted));
}

export function spenderOf(c: Context<Keyed>): Spender {
  const { keyId, accountId, rateLimit: limit } = c.get("keyRecord");
  return { keyId, accountId, limit: limit ?? c.get("config").RATE_LIMIT_PER_MINUTE };
}

function tooMany({ resetIn }: Allowance): ApiError {
  return new ApiError("too_many_requests", { "retry-after": String(resetIn) });
}
