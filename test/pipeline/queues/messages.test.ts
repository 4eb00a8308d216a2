import { expect, it } from "vitest";
import { pack, sendAll } from "../../../src/pipeline/queues/messages";
import { givenQueue } from "../../support/pipeline";

/** A queue that refuses a call as the platform does: more than 100 messages, or more than 256 KB. */
function givenStrictQueue() {
  const queue = givenQueue();
  let calls = 0;
  return {
    ...queue,
    calls: () => calls,
    async sendBatch(...[batch, options]: Parameters<Queue["sendBatch"]>) {
      calls += 1;
      const messages = [...batch];
      const bytes = messages.reduce((sum, { body }) => sum + bytesOf(body), 0);
      if (messages.length > 100 || bytes > 256_000) throw new Error("Payload Too Large");
      return queue.sendBatch(messages, options);
    },
  };
}

function bytesOf(body: unknown): number {
  return new TextEncoder().encode(JSON.stringify(body)).byteLength;
}

it.each([
  ["small ones", 250, 10, [100, 100, 50]],
  ["large ones, below 60 KB together", 9, 20_000, [2, 2, 2, 2, 1]],
  ["one that is larger than that alone", 2, 70_000, [1, 1]],
])("packs events in order: %s", (_, count, bytes, lengths) => {
  const events = Array.from({ length: count }, (__, n) => `${n} `.padEnd(bytes, "x"));
  const packs = pack(events, 100);
  expect(packs.map(({ length }) => length)).toEqual(lengths);
  expect(packs.flat()).toEqual(events);
});

it("counts bytes as the queue does, not characters", () => {
  const events = Array.from({ length: 4 }, () => "\u{20ac}".repeat(9_000));
  expect(pack(events, 100).map(({ length }) => length)).toEqual([2, 2]);
});

it.each([
  ["many", 250, 10, 3],
  ["large", 10, 59_000, 3],
])(
  "puts %s messages on a queue in calls that the platform takes",
  async (_, count, bytes, calls) => {
    const queue = givenStrictQueue();
    const messages = Array.from({ length: count }, () => "x".repeat(bytes));
    await sendAll(queue, messages, 7);
    expect(queue.messages).toEqual(messages);
    expect(queue.delays).toEqual(messages.map(() => 7));
    expect(queue.calls()).toBe(calls);
  },
);
