import { beforeEach, expect, it, vi } from "vitest";
import { Deadline } from "../../../src/pipeline/delivery/deadline";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const start = (deadline: Deadline) => deadline.start(Date.now());

it("gives up a request when its time is over, and not before", () => {
  const deadline = new Deadline(15_000);
  const signal = start(deadline);
  vi.advanceTimersByTime(14_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect([signal.aborted, deadline.passed]).toEqual([true, true]);
});

it("gives each request its own whole time, whenever it starts", () => {
  const deadline = new Deadline(15_000);
  for (const pause of [1, 9_000, 14_999]) {
    const signal = start(deadline);
    vi.advanceTimersByTime(pause);
    expect(signal.aborted).toBe(false);
    deadline.stop();
  }
  vi.advanceTimersByTime(7_000);
  const signal = start(deadline);
  vi.advanceTimersByTime(14_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
});

it("goes on after one was given up", () => {
  const deadline = new Deadline(15_000);
  start(deadline);
  vi.advanceTimersByTime(15_000);
  deadline.stop();
  const signal = start(deadline);
  expect([signal.aborted, deadline.passed]).toEqual([false, false]);
  vi.advanceTimersByTime(15_000);
  expect(signal.aborted).toBe(true);
});

it("gives up nothing between requests, and leaves no timer at its end", () => {
  const deadline = new Deadline(15_000);
  const signal = start(deadline);
  deadline.stop();
  vi.advanceTimersByTime(20_000);
  expect(signal.aborted).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
  start(deadline);
  deadline.end();
  expect(vi.getTimerCount()).toBe(0);
});
