import type { HonoRequest } from "hono";
import ipaddr from "ipaddr.js";
import type { Env } from "../platform/env";
import { ApiError } from "../platform/errors";

/** The limits of guesses; wrangler.toml says how many each lets through a minute. */
export type GuessLimits = Pick<Env, "UNKNOWN_KEYS" | "UNKNOWN_KEYS_OVER" | "UNKNOWN_KEYS_ALL">;

/** Workers of other zones all call from this address; `CF-Worker` names their zone (Cloudflare's page on its HTTP headers). */
const ADDRESS_OF_WORKERS = "2a06:98c0:3600::103";

/** The caller that guesses are counted for: an IPv4 address, an IPv6 /64 (a home connection has one), or a Worker's zone. */
export function callerOf(request: HonoRequest): string {
  const address = request.header("cf-connecting-ip") ?? "unknown";
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  // A client could send the header itself, but not from this address.
  const zone = parsed.toString() === ADDRESS_OF_WORKERS ? request.header("cf-worker") : undefined;
  if (zone !== undefined) return `worker ${zone}`;
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/** Counts a key that nobody has. Throws `too_many_requests` where the caller has sent too many of them. */
export async function countGuess(limits: GuessLimits, caller: string): Promise<void> {
  const { success } = await limits.UNKNOWN_KEYS.limit({ key: caller });
  if (!success) throw tooManyGuesses();
}

/**
 * Counts a key that no cache has as a guess, and admits its look-up in D1. A caller over its limit is admitted a few times a
 * minute, since a good key may be among the guesses of its neighbours; `over` says so. Throws `too_many_requests`.
 */
export async function admitLookUp(limits: GuessLimits, caller: string): Promise<{ over: boolean }> {
  const { success } = await limits.UNKNOWN_KEYS.limit({ key: caller });
  const admitted = success || (await limits.UNKNOWN_KEYS_OVER.limit({ key: caller })).success;
  // Callers with many addresses share one limit.
  if (!admitted || !(await limits.UNKNOWN_KEYS_ALL.limit({ key: "all" })).success)
    throw tooManyGuesses();
  return { over: !success };
}

export function tooManyGuesses(): ApiError {
  return new ApiError("too_many_requests", { "retry-after": "60" });
}
