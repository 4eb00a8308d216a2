import type { Event } from "../../events/schemas";
import type { Reason } from "../queues/unmatched";

/** An event whose SIM an account has. */
export interface Owned {
  event: Event;
  accountId: string;
}

/** What became of an event. */
export type Outcome =
  /** It is stored: now, or before and this is a repeat. `told` is the event that webhooks are sent of it. */
  | { kind: "fresh" | "repeat"; told: Event }
  /** It is not stored; `stored` is what its identity has instead. */
  | { kind: "aside"; reason: Reason; stored?: Event };

export function aside(reason: Reason, stored?: Event): Outcome {
  return { kind: "aside", reason, ...(stored && { stored }) };
}
