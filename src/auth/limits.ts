import { areWithin } from "./addresses";
import { includes } from "./scopes";

/** What a key is limited to. */
export interface Limits {
  scopes: string[];
  /** From then on (ms) it is none; null: never. */
  expiresAt: number | null;
  /** CIDR ranges that calls may come from; none: everywhere. */
  allowedIps: string[];
}

/** Whether a key of these limits may do no more than one of `outer`. */
export function isWithinLimits(limits: Limits, outer: Limits): boolean {
  return (
    limits.scopes.every((scope) => includes(outer.scopes, scope)) &&
    endsBy(limits.expiresAt, outer.expiresAt) &&
    areWithin(limits.allowedIps, outer.allowedIps)
  );
}

export function isExpired({ expiresAt }: Pick<Limits, "expiresAt">, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function endsBy(time: number | null, latest: number | null): boolean {
  return latest === null || (time !== null && time <= latest);
}
