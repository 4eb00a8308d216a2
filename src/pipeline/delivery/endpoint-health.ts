import type { Lane } from "../../db/tables/types";
import { DAY_MS } from "../../platform/time";

/** What the recent outcomes say of an endpoint. */
export interface Health {
  lane: Lane;
  /**
   * The last outcomes, oldest first: `1` accepted in time for the fast lane, `0` failed, `s` counts against the lane
   * only: accepted slowly, or failed before the owner set another address or switched the webhook on again.
   */
  recent: string;
  /** Since when (ms) nothing was accepted; null when the last outcome was. */
  failingSince: number | null;
}

/** How a try ended, as far as it counts for the endpoint's health. */
export interface Tried {
  accepted: boolean;
  /** Milliseconds until the endpoint answered, or was given up. */
  ms: number;
  /** When it ended, in milliseconds since 1970. */
  at: number;
}

/** An answer that takes longer counts as a failure for the lane, whatever its status. */
const QUICK_MS = 2_000;
const REMEMBERED = 20;
const IN_A_ROW = 5;
const DISABLE_AFTER_MS = 5 * DAY_MS;

/**
 * An endpoint's health after one more outcome. It moves to the slow lane when its last 5 tries failed or were slow,
 * or half of its last 20, and back when it accepts 5 in a row within 2 s each.
 */
export function healthAfter(health: Health, { accepted, ms, at }: Tried): Health {
  const quick = ms <= QUICK_MS ? "1" : "s";
  const failingSince = accepted ? null : (health.failingSince ?? at);
  const recent = (health.recent + (accepted ? quick : "0")).slice(-REMEMBERED);
  if (health.lane === "slow") {
    const isWell = recent.endsWith("1".repeat(IN_A_ROW));
    return isWell
      ? { lane: "fast", recent: "", failingSince }
      : { lane: "slow", recent, failingSince };
  }
  const bad = recent.replaceAll("1", "").length;
  // All is well: nothing to remember, and so nothing to write for an endpoint that answers.
  if (bad === 0)
    return health.recent === "" && health.failingSince === null
      ? health
      : { ...health, recent: "", failingSince };
  const noneWell = recent.length >= IN_A_ROW && !recent.slice(-IN_A_ROW).includes("1");
  const failing = noneWell || bad >= REMEMBERED / 2;
  return { lane: failing ? "slow" : "fast", recent, failingSince };
}

/** True where a webhook is to be switched off: five tries and more in five days, and every one of them failed. */
export function hasFailedTooLong({ failingSince, recent }: Health, now: number): boolean {
  if (failingSince === null || now - failingSince < DISABLE_AFTER_MS) return false;
  return recent.endsWith("0".repeat(IN_A_ROW));
}
