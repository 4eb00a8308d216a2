import type { HonoRequest } from "hono";
import { isWithin } from "../access/allowed-ips";
import { allowanceOf } from "../access/rate-limit";
import { ApiError } from "../platform/errors";
import { spenderOf } from "./rate-limit";
import type { Keyed, Step } from "./types";

/**
 * Refuses a call from outside the key's ranges with `address_forbidden`. Such a call is not counted, so that a leaked key
 * cannot exhaust its owner's rate limit.
 */
export const allowedAddress: Step<Keyed> = (c, next) => {
  if (isWithin(addressOf(c.req), c.get("keyRecord").allowedIps)) return next();
  c.set("allowance", allowanceOf(spenderOf(c)));
  throw new ApiError("address_forbidden");
};

/** The client's address; Cloudflare sets the header. */
export function addressOf(request: HonoRequest): string {
  return request.header("cf-connecting-ip") ?? "unknown";
}
