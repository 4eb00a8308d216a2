import type { DeliveryEvent } from "../queues/messages";
import { retryDelay } from "../queues/retry-delay";
import { isoTime } from "../../platform/time";
import type { Outcome } from "./send";
import type { Endpoint } from "./endpoints";
import { hasFailedTooLong, type Health, healthAfter, type Tried } from "./endpoint-health";
import { type DisabledReason } from "../../db/tables/types";
import { nextDelay, retryAfterSeconds } from "./retry-schedule";
import type { Delivery } from "./responses";

/** An event to be tried, for the `attempt`th time (from 1). */
export interface Try {
  event: DeliveryEvent;
  attempt: number;
  /** How often its message was put back, since its account had no turn in the slow lane. */
  waits: number;
}

/** A try that is put off: seconds to wait. */
interface Later extends Try {
  delaySeconds: number;
}

/** What one run of the consumer does at one endpoint: it starts as {@link startVisit} says, and each outcome changes it. */
export interface Visit {
  endpoint: Endpoint;
  health: Health;
  /** What the health follows from, in order, so that it can follow from another beginning too. */
  outcomes: Tried[];
  /** Its account's turn in the slow lane; without one, an endpoint of that lane is left. */
  turn: number | undefined;
  /** Milliseconds that its requests held a slot, in all. */
  heldMs: number;
  disabled: DisabledReason | null;
  log: Delivery[];
  later: Later[];
  /** One for all its tries, so that those put off for the same reason are put off together. */
  random: number;
}

export function startVisit(
  endpoint: Endpoint,
  turn: number | undefined,
  random = Math.random(),
): Visit {
  return {
    endpoint,
    turn,
    health: endpoint.health,
    outcomes: [],
    heldMs: 0,
    disabled: null,
    log: [],
    later: [],
    random,
  };
}

/** Leaves a try undone, for the endpoint's lane to do. */
export function putOff(visit: Visit, tried: Try): void {
  visit.later.push({ ...tried, waits: 0, delaySeconds: 0 });
}

/** Seconds that a try waits at most for its account's next turn before it asks again. */
const LONGEST_WAIT = 120;

/** Leaves a try undone until its account may have a turn in the slow lane: each time twice as long, up to 2 minutes. */
export function putBack(visit: Visit, tried: Try): void {
  const delaySeconds = Math.min(retryDelay(tried.waits), LONGEST_WAIT);
  visit.later.push({ ...tried, waits: tried.waits + 1, delaySeconds });
}

/** Notes that an event is not sent, since its webhook is switched off. */
export function noteOff({ log }: Visit, tried: Try, at: number): void {
  const nothing = { status: null, failure: "webhook_off", ms: 0 } as const;
  log.push(logged(tried, nothing, at, "failed"));
}

/** Notes how a try ended: in the log, in the endpoint's health, and whether the event is tried again. */
export function noteOutcome(visit: Visit, tried: Try, outcome: Outcome, at: number): void {
  visit.heldMs += outcome.ms;
  if (outcome.failure !== "url_forbidden") {
    const ended = { accepted: outcome.accepted, ms: outcome.ms, at };
    visit.health = healthAfter(visit.health, ended);
    visit.outcomes.push(ended);
  }
  const later = outcome.accepted ? undefined : tryLater(visit, tried, outcome, at);
  if (later) visit.later.push(later);
  const status = outcome.accepted ? "accepted" : later ? "retrying" : "failed";
  visit.log.push(logged(tried, outcome, at, status));
}

/**
 * The next try of an event that was not accepted, if its webhook asks for one. Switches the webhook off, whether it
 * asks for tries or not, when the endpoint is gone or has done nothing but fail for days.
 */
function tryLater(
  visit: Visit,
  { event, attempt }: Try,
  { status, failure, retryAfter }: Outcome,
  at: number,
): Later | undefined {
  if (failure === "url_forbidden") return undefined;
  if (status === 410) visit.disabled = "gone";
  else if (hasFailedTooLong(visit.health, at)) visit.disabled = "failing";
  if (visit.disabled || visit.endpoint.retry !== "standard") return undefined;
  const asked = { retryAfter: retryAfterSeconds(retryAfter, at), random: visit.random };
  const delaySeconds = nextDelay(attempt, asked);
  if (delaySeconds === undefined) return undefined;
  return { event, attempt: attempt + 1, waits: 0, delaySeconds };
}

function logged(
  { event, attempt }: Try,
  { status, failure, ms }: Pick<Outcome, "status" | "failure" | "ms">,
  at: number,
  ended: Delivery["status"],
): Delivery {
  return {
    event_id: event.id,
    type: event.type,
    sim_id: event.sim_id,
    attempt,
    time: isoTime(at - ms),
    status: ended,
    response_status: status,
    failure,
    duration_ms: ms,
  };
}
