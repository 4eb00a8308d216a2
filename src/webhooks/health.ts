/** The queue that a webhook's deliveries go by: `slow` is for endpoints that keep failing. */
export type Lane = "fast" | "slow";

/** Why a webhook was switched off by itself: it answered 410, or did nothing but fail for five days. */
export type DisabledReason = "gone" | "failing";

/** What the recent outcomes say of an endpoint. */
export interface Health {
  lane: Lane;
  /** The last outcomes, oldest first: 1 accepted, 0 failed. */
  recent: string;
  /** Since when (ms) nothing was accepted; null when the last outcome was. */
  failingSince: number | null;
}

const REMEMBERED = 20;
const IN_A_ROW = 5;
const DISABLE_AFTER_MS = 5 * 86_400_000;

/**
 * An endpoint's health after one more outcome. It moves to the slow lane when its last 5 tries failed,
 * or half of its last 20, and back with the first one that it accepts.
 */
export function healthAfter(health: Health, accepted: boolean, now: number): Health {
  if (accepted && health.lane === "slow") return { lane: "fast", recent: "", failingSince: null };
  if (accepted && health.recent === "" && health.failingSince === null) return health;
  const outcomes = (health.recent + (accepted ? "1" : "0")).slice(-REMEMBERED);
  // All is well: nothing to remember, and so nothing to write for an endpoint that answers.
  const recent = outcomes.includes("0") ? outcomes : "";
  const failed = recent.replaceAll("1", "").length;
  const failing = recent.endsWith("0".repeat(IN_A_ROW)) || failed >= REMEMBERED / 2;
  return {
    lane: failing ? "slow" : health.lane,
    recent,
    failingSince: accepted ? null : (health.failingSince ?? now),
  };
}

/** Whether a webhook that is retried is to be switched off after nothing but failures. */
export function hasFailedTooLong({ failingSince }: Health, now: number): boolean {
  return failingSince !== null && now - failingSince >= DISABLE_AFTER_MS;
}
