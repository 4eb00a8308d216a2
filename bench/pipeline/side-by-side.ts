import { setInterval as every } from "node:timers/promises";
import * as z from "zod";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";
import { simId } from "../fleet";
import { ask, consume } from "./client";
import { QueuePlayer, type QueueRules } from "./queue-player";

/** As many as there may be when deployed. */
const INVOCATIONS = 250;
const TICK_MS = 10;
const CALL_EVERY_MS = 100;
const EVENTS_A_CALL = 5;
const TIMEOUT_MS = 15_000;

/** The whole pipeline of one Worker, its queues played here: as wrangler.toml has them, consumers side by side. */
export function startPipeline(
  origin: URL,
  endpoints: number,
  called: (eventId: string, endpoint: number) => void,
) {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));

  const deliverTo = (lane: "fast" | "slow") => async (messages: unknown[]) =>
    put(await consume(origin, { call: "deliver", lane, messages, timeoutMs: TIMEOUT_MS }));
  const queues: Record<string, QueuePlayer> = {
    events: playerOf("simplane-events", async (messages) =>
      put(await consume(origin, { call: "store", messages })),
    ),
    fast: playerOf("simplane-deliveries", deliverTo("fast")),
    slow: playerOf("simplane-deliveries-slow", deliverTo("slow")),
    replays: playerOf("simplane-replays", async (messages) =>
      put(await consume(origin, { call: "replay", messages })),
    ),
  };
  function put({ sent }: Awaited<ReturnType<typeof ask>>): void {
    for (const { queue, body, delaySeconds } of sent) queues[queue]?.put(body, delaySeconds);
  }
  const ticking = setInterval(() => {
    for (const queue of Object.values(queues)) queue.tick(fail);
  }, TICK_MS);

  let reported = 0;
  /** One event for each of some endpoints, by turns. */
  async function report(): Promise<void> {
    const events = Array.from({ length: EVENTS_A_CALL }, () => {
      const endpoint = 1 + (reported % endpoints);
      const id = `event-${reported}`;
      reported += 1;
      called(id, endpoint);
      return usageOf(id, endpoint);
    });
    put(await ask(origin, { call: "report", events }));
  }

  return {
    failed,
    /** Starts a replay of the account's feed; answers how many events it sends. */
    async replay(accountId: string, webhookId: string, until: number): Promise<number> {
      const started = await ask(origin, { call: "start replay", accountId, webhookId, until });
      put(started);
      return z.number().parse(started.answer);
    },
    async reportFor(ms: number): Promise<void> {
      const end = performance.now() + ms;
      for await (const _ of every(CALL_EVERY_MS)) {
        if (performance.now() >= end) return;
        report().catch(fail);
      }
    },
    stop: () => clearInterval(ticking),
  };
}

const Consumers = z.record(
  z.string(),
  z.object({ maxBatchSize: z.number(), maxBatchTimeout: z.number() }),
);

/** A queue as wrangler.toml has it. */
function playerOf(name: string, work: QueueRules["consume"]): QueuePlayer {
  const { workerOptions } = readWranglerToml("wrangler.toml");
  const rules = Consumers.parse(workerOptions.queueConsumers)[name];
  if (!rules) throw new Error(`no queue ${name}`);
  return new QueuePlayer({
    batchSize: rules.maxBatchSize,
    batchTimeoutMs: rules.maxBatchTimeout * 1000,
    invocations: INVOCATIONS,
    consume: work,
  });
}

function usageOf(id: string, sim: number) {
  return {
    type: "usage",
    id,
    time: new Date().toISOString(),
    bill_id: "1234567890-1234",
    sim_id: simId(sim),
    country_code: "dk",
    operation: "update",
    upload: 1,
    download: 2,
  };
}
