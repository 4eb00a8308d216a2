import type { Lane } from "../../db/tables/types";
import type { Payload, SimFacts } from "../../events/payload";
import { UNKNOWN } from "../sim-summary";

/** An account's webhook, as far as it decides what it is sent. */
export interface Subscriber {
  id: string;
  accountId: string;
  /** The types that it does not want, by either of their names. */
  excludeTypes: string[];
  /** Only events of SIMs that carry one of them; none: of all. */
  tags: string[];
  payload: Payload;
  lane: Lane;
}

/** An event's SIM, as far as it decides what is sent of the event, and to whom. */
export interface Owner extends SimFacts {
  accountId: string;
  tags: string[];
  /** What happened before is not for webhooks with tags, ms. */
  visibleFrom: number;
  /** What happened before may be a repeat of what a former holder has, ms. */
  formerUntil: number;
}

/** The SIM as the account has it, or had it: `holder` is the SIM of the account that has it now. */
export function ownerFor(accountId: string, holder: Owner | undefined): Owner {
  if (holder?.accountId === accountId) return holder;
  return { ...UNKNOWN, accountId, tags: [], visibleFrom: 0, formerUntil: 0 };
}
