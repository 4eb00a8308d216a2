import { expect, it } from "vitest";
import { runFairly } from "../../../src/pipeline/delivery/fair-pool";

/** Runs lanes of named tasks whose ends the test decides; `started` tells in which order they began. */
function givenRun(lanes: string[][], slots: number) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const done = runFairly(lanes, slots, (task) => {
    started.push(task);
    return new Promise((resolve) => ends.set(task, resolve));
  });
  return {
    started,
    done,
    async end(task: string) {
      ends.get(task)?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

const tasks = (lane: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${lane}${index}`);

it("gives a lane on its own all the slots, and no more", () => {
  const { started } = givenRun([tasks("a", 9)], 5);
  expect(started).toEqual(["a0", "a1", "a2", "a3", "a4"]);
});

it("shares the slots between lanes, and keeps each lane's order", () => {
  const { started } = givenRun([tasks("a", 9), tasks("b", 9)], 5);
  expect(started).toEqual(["a0", "b0", "a1", "b1", "a2"]);
});

it("lets other lanes go on while one hangs", async () => {
  const run = givenRun([tasks("hanging", 20), tasks("b", 4)], 5);
  for (const task of tasks("b", 4)) await run.end(task);
  expect(run.started).toEqual(expect.arrayContaining(tasks("b", 4)));
  expect(run.started.filter((task) => task.startsWith("hanging"))).toHaveLength(5);
});

it("starts each of more lanes than slots before any starts again", async () => {
  const lanes = ["a", "b", "c", "d", "e", "f", "g"];
  const run = givenRun(
    lanes.map((lane) => tasks(lane, 3)),
    5,
  );
  await run.end("a0");
  await run.end("b0");
  expect(run.started).toEqual(["a0", "b0", "c0", "d0", "e0", "f0", "g0"]);
});

it("ends when every task has ended", async () => {
  const run = givenRun([["a0"], ["b0"]], 1);
  await run.end("a0");
  await run.end("b0");
  await run.done;
  expect(run.started).toEqual(["a0", "b0"]);
});

it("throws what a task throws", async () => {
  const failing = () => Promise.reject(new Error("no"));
  await expect(runFairly([["a"]], 5, failing)).rejects.toThrow("no");
});

it("gives the slots of a lane that has ended to those that are left", async () => {
  const run = givenRun([["a0"], tasks("b", 9)], 5);
  expect(run.started).toEqual(["a0", "b0", "b1", "b2"]);
  await run.end("a0");
  expect(run.started).toEqual(["a0", "b0", "b1", "b2", "b3", "b4"]);
});
