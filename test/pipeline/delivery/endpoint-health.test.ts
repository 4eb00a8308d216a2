import { expect, it } from "vitest";
import {
  hasFailedTooLong,
  type Health,
  healthAfter,
} from "../../../src/pipeline/delivery/endpoint-health";

const HEALTHY: Health = { lane: "fast", recent: "", failingSince: null };
const DAY = 86_400_000;

/** Outcomes as text: `.` accepted at once, `s` accepted after 2,001 ms, `x` failed; a second apart from the moment 1000. */
function after(outcomes: string, health = HEALTHY): Health {
  return outcomes.split("").reduce((now, outcome, index) => {
    const ms = outcome === "s" ? 2_001 : 2_000;
    return healthAfter(now, { accepted: outcome !== "x", ms, at: 1000 * (index + 1) });
  }, health);
}

it("remembers nothing of an endpoint that answers", () => {
  expect(after(".".repeat(50))).toEqual(HEALTHY);
});

it.each([
  ["xxxx", "fast"],
  ["xxxxx", "slow"],
  ["xxxx.", "fast"],
  ["xxxx.xxxx", "fast"],
  [`${".".repeat(20)}xxxx`, "fast"],
  [`${".".repeat(20)}xxxxx`, "slow"],
  ["x.".repeat(9), "fast"],
  [`${"x.".repeat(9)}x`, "slow"],
  ["x..".repeat(30), "fast"],
  ["ssss", "fast"],
  ["sssss", "slow"],
  ["xsxsx", "slow"],
  [`${"s.".repeat(9)}s`, "slow"],
])("after %s the lane is %s", (outcomes, lane) => {
  expect(after(outcomes).lane).toBe(lane);
});

it.each([
  ["xxxxxxxx....", "slow"],
  ["xxxxxxxx.....", "fast"],
  ["xxxxxxxx..s..", "slow"],
  ["xxxxxxxx..x...", "slow"],
  ["sssss.....", "fast"],
  [`xxxxx${"xxxx.".repeat(30)}`, "slow"],
])("after %s it is in the %s lane: five quick answers in a row bring it back", (outcomes, lane) => {
  expect(after(outcomes).lane).toBe(lane);
});

it("comes back with a clean slate", () => {
  expect(after("xxxxxxxx.....")).toEqual(HEALTHY);
  expect(after("xxxxxxxx.....x").lane).toBe("fast");
});

it("does not take a slow answer for a failure that switches a webhook off", () => {
  expect(after("xxs").failingSince).toBe(null);
  // The second failure comes five days after the first: with the slow answers there are five marks in a row.
  for (const before of ["sss", "ssss"])
    expect(hasFailedTooLong(after("xx", after(before)), 1000 + 5 * DAY)).toBe(false);
  expect(hasFailedTooLong(after("xxxxx", after("ssss")), 1000 + 5 * DAY)).toBe(true);
});

it("forgets failures that twenty outcomes lie behind", () => {
  expect(after(`x${".".repeat(20)}`)).toEqual(HEALTHY);
});

it("knows since when nothing was accepted", () => {
  expect(after("..xx").failingSince).toBe(3000);
  expect(after("..xx.").failingSince).toBe(null);
});

it("has failed too long after five days of nothing but failures", () => {
  const failing = after("xxxxx");
  expect(hasFailedTooLong(failing, 1000 + 5 * DAY - 1)).toBe(false);
  expect(hasFailedTooLong(failing, 1000 + 5 * DAY)).toBe(true);
  // The endpoint of a webhook that has little to send may be down twice.
  expect(hasFailedTooLong(after("xxxx"), 1000 + 9 * DAY)).toBe(false);
  expect(hasFailedTooLong(after("x."), 1000 + 9 * DAY)).toBe(false);
});
