import * as fc from "fast-check";
import { expect, it } from "vitest";
import { identityOf, parseEvent, serializeEvent } from "../../src/events/schemas";
import { SCENARIOS, type ScenarioName } from "../../scripts/simulate/scenarios";
import { impossible } from "./support/impossible";
import { bySim, eventsOf, planOf } from "./support/plan";

const names = Object.keys(SCENARIOS).filter((name): name is ScenarioName => name in SCENARIOS);
const anyPlan = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    sims: fc.integer({ min: 1, max: 30 }),
    hours: fc.constantFrom(0.2, 1, 24, 60),
    scenario: fc.constantFrom(...names),
  })
  .map(planOf);

const textOf = (plan: ReturnType<typeof planOf>) => JSON.stringify(eventsOf(plan));

it("lives the same life again by the same seed, and another by another", () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      expect(textOf(plan)).toBe(textOf(plan));
    }),
    { numRuns: 15 },
  );
  expect(textOf(planOf({ seed: 1 }))).not.toBe(textOf(planOf({ seed: 2 })));
});

it("lets a device's life be, however many others there are", () => {
  const few = bySim(eventsOf(planOf({ sims: 10 })));
  const many = bySim(eventsOf(planOf({ sims: 40 })));
  expect(few.size).toBeGreaterThan(5);
  for (const [id, events] of few) expect(many.get(id)).toEqual(events);
});

it("tells events in the order of time, within the span, each once, as the catalogue takes them", () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const events = eventsOf(plan);
      const times = events.map(({ time }) => time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.every((time) => time >= plan.span.begin && time < plan.span.end)).toBe(true);
      expect(new Set(events.map(identityOf)).size).toBe(events.length);
      for (const event of events)
        expect(parseEvent(JSON.parse(JSON.stringify(serializeEvent(event))))).toEqual({
          event,
          warnings: [],
        });
    }),
    { numRuns: 25 },
  );
});

it("has each device do only what is possible: registered before data, a session at a time", () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      for (const events of bySim(eventsOf(plan)).values()) expect(impossible(events)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

it("sees what is impossible", () => {
  const [events = []] = [
    ...bySim(eventsOf(planOf({ sims: 1, scenario: "runaway-data" }))).values(),
  ];
  expect(impossible(events)).toEqual([]);
  expect(impossible(events.slice(2))).not.toEqual([]);
  expect(impossible(events.toReversed())).not.toEqual([]);
  const [first] = events.filter(
    (event) => event.type === "usage" && event.operation === "finalize",
  );
  expect(impossible(events.filter((event) => event !== first))).not.toEqual([]);
});
