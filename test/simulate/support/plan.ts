import type { Event } from "../../../src/events/schemas";
import { HOUR_MS } from "../../../src/platform/time";
import { happenings, type Plan } from "../../../scripts/simulate/fleet";
import { SCENARIOS, type ScenarioName } from "../../../scripts/simulate/scenarios";

const BEGIN = Date.UTC(2026, 10, 25);

/** A day of a small fleet, unless it is said otherwise. */
export function planOf({
  seed = 1,
  sims = 25,
  hours = 24,
  scenario = "steady-day",
}: { seed?: number; sims?: number; hours?: number; scenario?: ScenarioName } = {}): Plan {
  const span = { begin: BEGIN, end: BEGIN + hours * HOUR_MS };
  return { seed, sims, span, scenario: SCENARIOS[scenario] };
}

/** All that happens in it. */
export function eventsOf(plan: Plan): Event[] {
  return [...happenings(plan)].map(({ event }) => event);
}

/** By SIM, each in its order. */
export function bySim(events: readonly Event[]): Map<string, Event[]> {
  return Map.groupBy(events, ({ sim_id }) => sim_id);
}
