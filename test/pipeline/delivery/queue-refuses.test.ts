import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { usageOf } from "../../support/events";
import {
  eventsIn,
  givenEndpoints,
  givenFlood,
  hostOf,
  isDeliveries,
  refuse,
} from "../../support/flood";
import { givenAccount } from "../../support/given-account";
import { givenPipeline, givenQueue } from "../../support/pipeline";

/** A queue that takes nothing, or nothing after so many calls. */
function refusingQueue(taken = 0) {
  const queue = givenQueue();
  let calls = 0;
  return {
    ...queue,
    sendBatch(...given: Parameters<Queue["sendBatch"]>) {
      calls += 1;
      if (calls > taken) throw new Error("the backlog is full");
      return queue.sendBatch(...given);
    },
  };
}

/** Two accounts, one with an endpoint in each lane, and an event of each on the queue. */
async function givenBothLanes(pipeline: ReturnType<typeof givenPipeline>) {
  const [well, ill] = [await givenAccount(), await givenAccount()];
  await well.givenWebhook({ url: "https://well.com/" });
  await ill.givenWebhook({ url: "https://ill.com/" });
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow' WHERE url = 'https://ill.com/'").run();
  await pipeline.report(usageOf(await well.givenSim()), usageOf(await ill.givenSim()));
}

it("sends the events of the slow lane by the other queue when its own refuses them, and no other event again", async () => {
  const pipeline = givenPipeline({ DELIVERIES_SLOW: refusingQueue() });
  await givenBothLanes(pipeline);
  expect((await pipeline.storeAll()).retried).toEqual([]);
  expect(eventsIn(pipeline.deliveries.messages)).toBe(2);

  // The endpoint is in the slow lane, whose queue still refuses: its message goes round with a pause.
  const received = givenEndpoints({});
  const { acked, retried } = await pipeline.deliverAll();
  expect([acked.length, retried.length]).toEqual([2, 0]);
  expect(received.map(hostOf)).toEqual(["well.com"]);
  expect(pipeline.deliveries.messages).toHaveLength(1);
  expect(pipeline.deliveries.delays.slice(-2)).toEqual([10, 10]);
});

it("sends the events of the fast lane by the other queue when its own refuses them", async () => {
  const pipeline = givenPipeline({ DELIVERIES: refusingQueue() });
  await givenBothLanes(pipeline);
  expect((await pipeline.storeAll()).retried).toEqual([]);
  expect(eventsIn(pipeline.slow.messages)).toBe(2);
  const received = givenEndpoints({});
  await pipeline.deliverSlow();
  expect(received.map(hostOf).toSorted()).toEqual(["ill.com", "well.com"]);
});

it("tries a batch again when both queues refuse all of its deliveries", async () => {
  const pipeline = givenPipeline({ DELIVERIES: refusingQueue(), DELIVERIES_SLOW: refusingQueue() });
  await givenBothLanes(pipeline);
  expect((await pipeline.storeAll()).acked).toEqual([]);
});

it("keeps aside what both queues refuse when they took the rest, and queues that no second time", async () => {
  const pipeline = givenPipeline({
    DELIVERIES: refusingQueue(1),
    DELIVERIES_SLOW: refusingQueue(),
  });
  await givenBothLanes(pipeline);
  expect((await pipeline.storeAll()).retried).toEqual([]);
  const kept = await env.DB.prepare("SELECT queue, reason FROM unmatched_events").all();
  expect(kept.results).toEqual([{ queue: "deliveries", reason: "dead_lettered" }]);
});

it("sends no event again that was accepted, when the queues refuse those that are to be tried again", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["half.com"], 4, { retry: "standard" });
  const messages = pipeline.deliveries.messages.splice(0);
  let asked = 0;
  const received = givenEndpoints({
    "half.com": () => {
      asked += 1;
      return asked === 1 ? refuse() : new Response();
    },
  });
  const queues = { DELIVERIES: refusingQueue(), DELIVERIES_SLOW: refusingQueue() };
  const { acked, retried } = await pipeline.hand("simplane-deliveries", messages, 1, queues);
  expect([acked, retried]).toEqual([["0"], []]);
  expect(received).toHaveLength(4);
  const kept = await env.DB.prepare("SELECT event FROM unmatched_events").first<string>("event");
  expect(JSON.parse(kept ?? "{}")).toMatchObject({ attempt: 2, events: [{ type: "usage" }] });
});

it("queues no event twice that was put off untried, when the queues refuse others of the same webhook", async () => {
  const pipeline = givenPipeline();
  const { webhooks } = await givenFlood(pipeline, ["ill.com"], 1);
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
  const [first] = pipeline.deliveries.messages.splice(0);
  if (!isDeliveries(first)) throw new Error("no delivery");
  const second = { ...first, attempt: 2 };
  const slow = refusingQueue(1);
  const queues = { DELIVERIES: refusingQueue(), DELIVERIES_SLOW: slow };
  const received = givenEndpoints({});
  const { acked, retried } = await pipeline.hand("simplane-deliveries", [first, second], 1, queues);
  expect([acked, retried]).toEqual([["0", "1"], []]);
  expect(received).toEqual([]);
  expect(slow.messages).toMatchObject([{ webhook_id: webhooks[0]?.id, attempt: 1 }]);
  const kept = await env.DB.prepare("SELECT event FROM unmatched_events").all<{ event: string }>();
  expect(kept.results.map(({ event }) => JSON.parse(event))).toMatchObject([{ attempt: 2 }]);
});

it("tries events again that were put off untried, when the queues take none of them", async () => {
  const pipeline = givenPipeline();
  await givenFlood(pipeline, ["ill.com"], 1);
  await env.DB.prepare("UPDATE webhooks SET lane = 'slow'").run();
  const messages = pipeline.deliveries.messages.splice(0);
  const queues = { DELIVERIES: refusingQueue(), DELIVERIES_SLOW: refusingQueue() };
  const { acked, retried } = await pipeline.hand("simplane-deliveries", messages, 1, queues);
  expect([acked, retried]).toEqual([[], ["0"]]);
});
