import type { DeliveryEvent } from "../events/messages";
import type { Outcome } from "./deliver";
import type { Delivery } from "./delivery-log";
import type { Endpoint } from "./endpoints";
import { type DisabledReason, hasFailedTooLong, type Health, healthAfter } from "./health";
import { nextDelay, retryAfterSeconds } from "./retry-schedule";

/** Events a delivery message holds at most: an endpoint that never answers takes 15 s for each five. */
export const EVENTS_A_MESSAGE = 20;

/** An event to be tried, for the `attempt`th time (from 1). */
export interface Try {
  event: DeliveryEvent;
  attempt: number;
}

/** A try that is put off: seconds to wait. */
export interface Later extends Try {
  delaySeconds: number;
}

/** What one run of the consumer does at one endpoint: it starts as {@link startVisit} says, and each outcome changes it. */
export interface Visit {
  endpoint: Endpoint;
  health: Health;
  /** What the health follows from, in order, so that it can follow from another beginning too. */
  outcomes: { accepted: boolean; at: number }[];
  disabled: DisabledReason | null;
  log: Delivery[];
  later: Later[];
  /** One for all its tries, so that those put off for the same reason are put off together. */
  random: number;
}

export function startVisit(endpoint: Endpoint, random = Math.random()): Visit {
  return {
    endpoint,
    health: endpoint.health,
    outcomes: [],
    disabled: null,
    log: [],
    later: [],
    random,
  };
}

/** Leaves a try undone, for the endpoint's lane to do. */
export function putOff(visit: Visit, tried: Try): void {
  visit.later.push({ ...tried, delaySeconds: 0 });
}

/** Notes that an event is not sent, since its webhook is switched off. */
export function noteOff({ log }: Visit, { event, attempt }: Try, at: number): void {
  log.push({
    ...logged(event, attempt),
    time: new Date(at).toISOString(),
    status: "failed",
    response_status: null,
    failure: "webhook_off",
    duration_ms: 0,
  });
}

function logged({ id, type, sim_id }: DeliveryEvent, attempt: number) {
  return { event_id: id, type, sim_id, attempt };
}

/** Notes how a try ended: in the log, in the endpoint's health, and whether the event is tried again. */
export function noteOutcome(visit: Visit, { event, attempt }: Try, outcome: Outcome, at: number) {
  const standard = visit.endpoint.retry === "standard";
  const sent = outcome.failure !== "url_forbidden";
  if (sent) {
    visit.health = healthAfter(visit.health, outcome.accepted, at);
    visit.outcomes.push({ accepted: outcome.accepted, at });
  }
  if (standard && outcome.status === 410) visit.disabled = "gone";
  else if (standard && hasFailedTooLong(visit.health, at)) visit.disabled = "failing";

  const retryAfter = retryAfterSeconds(outcome.retryAfter, at);
  const again = standard && sent && !outcome.accepted && !visit.disabled;
  const delaySeconds = again ? nextDelay(attempt, { retryAfter, random: visit.random }) : undefined;
  if (delaySeconds !== undefined) visit.later.push({ event, attempt: attempt + 1, delaySeconds });
  visit.log.push({
    ...logged(event, attempt),
    time: new Date(at - outcome.ms).toISOString(),
    status: outcome.accepted ? "accepted" : delaySeconds === undefined ? "failed" : "retrying",
    response_status: outcome.status,
    failure: outcome.failure,
    duration_ms: outcome.ms,
  });
}
