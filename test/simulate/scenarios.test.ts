import { expect, it } from "vitest";
import type { Event } from "../../src/events/schemas";
import { deviceAt } from "../../scripts/simulate/devices";
import { middleOf } from "../../scripts/simulate/lives/stars";
import type { ScenarioName } from "../../scripts/simulate/scenarios";
import { bySim, eventsOf, planOf } from "./support/plan";

/** What happens to the first of a scenario's stars, in an hour or in a day, before and after the middle. */
function starOf(scenario: ScenarioName, hours: number) {
  const plan = planOf({ scenario, hours, seed: 11, sims: 5 });
  const { device } = deviceAt(plan.seed, 0, plan.scenario.stars?.(plan.sims));
  const events = bySim(eventsOf(plan)).get(device.card.id) ?? [];
  const middle = middleOf(plan.span);
  const slack = (plan.span.end - plan.span.begin) / 6;
  return {
    device,
    before: events.filter(({ time }) => time < middle - slack),
    after: events.filter(({ time }) => time > middle + slack),
  };
}

const imeis = (events: Event[]) =>
  new Set(events.flatMap((event) => ("imei" in event && event.imei ? [event.imei] : [])));
const upload = (events: Event[]) =>
  events.reduce((sum, event) => sum + (event.type === "usage" ? event.upload : 0), 0);
const download = (events: Event[]) =>
  events.reduce((sum, event) => sum + (event.type === "usage" ? event.download : 0), 0);
const countries = (events: Event[]) => new Set(events.map(({ country_code }) => country_code));

it.each([1, 24])("puts a stolen SIM into another device (%i h)", (hours) => {
  const { device, before, after } = starOf("stolen-sim", hours);
  expect(imeis(before)).toEqual(new Set([device.imei]));
  expect(imeis(after)).not.toContain(device.imei);
  expect(download(after)).toBeGreaterThan(20 * download(before));
});

it.each([1, 24])("takes trackers over a border (%i h)", (hours) => {
  const { device, before, after } = starOf("border-crossing", hours);
  expect(countries(before)).toEqual(new Set([device.home.code]));
  expect(countries(after).size).toBe(1);
  const [abroad] = countries(after);
  expect(device.home.neighbours).toContain(abroad);
});

it.each([1, 24])("lets a camera send far more than before (%i h)", (hours) => {
  const { before, after } = starOf("runaway-data", hours);
  expect(upload(after)).toBeGreaterThan(10 * upload(before) + 1e9);
});
