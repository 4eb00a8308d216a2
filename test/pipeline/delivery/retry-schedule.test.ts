import { expect, it } from "vitest";
import { nextDelay, retryAfterSeconds } from "../../../src/pipeline/delivery/retry-schedule";

const HOUR = 3600;
const attempts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

it("waits as the standard schedule says, ten tries in all", () => {
  const delays = attempts.map((attempt) => nextDelay(attempt, { random: 0.5 }));
  expect(delays).toEqual([
    5,
    300,
    1800,
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
    undefined,
  ]);
});

it("is up to a fifth earlier or later, and never over the 24 hours that a queue holds", () => {
  expect(attempts.slice(0, 3).map((attempt) => nextDelay(attempt, { random: 0 }))).toEqual([
    4, 240, 1440,
  ]);
  expect(attempts.slice(0, 3).map((attempt) => nextDelay(attempt, { random: 1 }))).toEqual([
    6, 360, 2160,
  ]);
  expect(nextDelay(9, { random: 1 })).toBe(24 * HOUR);
});

it("comes no earlier than the endpoint asks, within 24 hours", () => {
  expect(nextDelay(1, { random: 0.5, retryAfter: 120 })).toBe(120);
  expect(nextDelay(2, { random: 0.5, retryAfter: 120 })).toBe(300);
  expect(nextDelay(1, { random: 0.5, retryAfter: 48 * HOUR })).toBe(24 * HOUR);
});

it("rounds what the endpoint asks for up to a few steps", () => {
  const waits = Array.from({ length: 100_000 }, (_, retryAfter) =>
    Number(nextDelay(1, { random: 0.5, retryAfter })),
  );
  expect(waits.every((seconds, asked) => seconds >= Math.min(asked, 24 * HOUR))).toBe(true);
  expect(waits.every((seconds, asked) => seconds <= Math.max(5, 2.5 * asked))).toBe(true);
  expect(new Set(waits).size).toBeLessThanOrEqual(20);
});

const NOW = Date.UTC(2026, 2, 1, 12);

it.each([
  [null, 0],
  ["120", 120],
  ["Sun, 01 Mar 2026 12:02:00 GMT", 120],
  ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ["-5", 0],
  ["soon", 0],
  ["99999999999999999999", 0],
  ["", 0],
])("reads Retry-After %j as %i s", (header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
