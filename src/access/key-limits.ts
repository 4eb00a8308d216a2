import { areWithin } from "./allowed-ips";
import { includes } from "./scopes";

/** What a key is limited to. */
export interface Limits {
  scopes: string[];
  /** From then on (ms) it is none; null: never. */
  expiresAt: number | null;
  /** CIDR ranges that calls may come from; none: everywhere. */
  allowedIps: string[];
  /** Ids of tags: only what carries one of them; null: everything. */
  tags: string[] | null;
}

/** Whether a key of these limits may do no more than one of `outer`. */
export function isWithinLimits(limits: Limits, outer: Limits): boolean {
  return (
    limits.scopes.every((scope) => includes(outer.scopes, scope)) &&
    endsBy(limits.expiresAt, outer.expiresAt) &&
    areWithin(limits.allowedIps, outer.allowedIps) &&
    areOwn(limits.tags, outer.tags)
  );
}

/** True where a key of these tags sees no more than one of `own`. */
export function areOwn(tags: readonly string[] | null, own: readonly string[] | null): boolean {
  return own === null || (tags !== null && tags.every((tag) => own.includes(tag)));
}

export function isExpired({ expiresAt }: Pick<Limits, "expiresAt">, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function endsBy(time: number | null, latest: number | null): boolean {
  return latest === null || (time !== null && time <= latest);
}
