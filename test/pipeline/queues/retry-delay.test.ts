import { expect, it } from "vitest";
import { retryDelay } from "../../../src/pipeline/queues/retry-delay";

it("waits 2 s, 4 s, 8 s ... and never more than 5 minutes, which a queue holds", () => {
  expect([1, 2, 3, 8, 9, 100].map(retryDelay)).toEqual([2, 4, 8, 256, 300, 300]);
});
