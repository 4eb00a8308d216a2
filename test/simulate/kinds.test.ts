import { expect, it } from "vitest";
import { HOUR_MS } from "../../src/platform/time";
import { devicesOf, happenings } from "../../scripts/simulate/fleet";
import { KINDS } from "../../scripts/simulate/kinds";
import { COUNTRIES } from "../../scripts/simulate/networks";
import { bySim, eventsOf, planOf } from "./support/plan";

const DAY = planOf({ seed: 3, sims: 300 });

function eventsOfKind(kind: string) {
  const events = [...happenings(DAY)].filter(({ device }) => device.kind === kind);
  return [...bySim(events.map(({ event }) => event)).values()];
}

it("mixes the kinds as their shares say, and the countries", () => {
  const devices = [...devicesOf(DAY)];
  for (const { name, weight } of KINDS) {
    const share = (100 * devices.filter(({ kind }) => kind === name).length) / devices.length;
    expect({ name, off: Math.abs(share - weight) }).toSatisfy(({ off }) => off < 10);
  }
  expect(new Set(devices.map(({ home }) => home.code)).size).toBe(COUNTRIES.length);
  expect(COUNTRIES.flatMap(({ neighbours }) => neighbours)).toSatisfy((codes: string[]) =>
    codes.every((code) => COUNTRIES.some((country) => country.code === code)),
  );
});

it("lets meters sleep for hours without a network", () => {
  const naps = eventsOfKind("meter").flatMap((events) =>
    events.flatMap((event, index) => {
      const next = events[index + 1];
      return event.type === "network-deregistration" && next ? [next.time - event.time] : [];
    }),
  );
  expect(naps.length).toBeGreaterThan(100);
  expect(Math.min(...naps)).toBeGreaterThan(3 * HOUR_MS);
});

it("lets some trackers roam, and cameras stay where they are", () => {
  const countries = (events: ReturnType<typeof eventsOf>) =>
    new Set(events.map(({ country_code }) => country_code)).size;
  expect(eventsOfKind("tracker").some((events) => countries(events) > 1)).toBe(true);
  expect(eventsOfKind("camera").every((events) => countries(events) === 1)).toBe(true);
});

it("has devices that are broken: not let in, off and on again, silent", () => {
  const broken = eventsOfKind("broken");
  const shutOut = broken.filter((events) => events.every(({ type }) => type !== "usage"));
  expect(shutOut.flat().some(({ reason }) => reason !== undefined)).toBe(true);
  const leaves = (events: ReturnType<typeof eventsOf>) =>
    events.filter(({ type }) => type === "network-deregistration").length;
  expect(Math.max(...broken.map(leaves))).toBeGreaterThan(20);
  const silent = broken.filter((events) => {
    const last = events.at(-1);
    return (
      last?.type === "usage" && last.operation === "start" && last.time < DAY.span.end - HOUR_MS
    );
  });
  expect(silent.length).toBeGreaterThan(0);
});
