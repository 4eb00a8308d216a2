import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Env } from "../../src/platform/env";
import worker from "../../src/index";
import { consumeFast, consumeSlow } from "../../src/pipeline/delivery/consumer";
import { consumeReplays } from "../../src/pipeline/delivery/replay-consumer";
import type { TryOptions } from "../../src/pipeline/delivery/run-batch";
import { callAsOperator } from "./call";

export interface GivenQueue extends Queue {
  messages: unknown[];
  /** Seconds that each message was to wait, in the messages' order. */
  delays: number[];
}

/** A queue that keeps what is put on it, as the real one would: through JSON. */
export function givenQueue(): GivenQueue {
  const messages: unknown[] = [];
  const delays: number[] = [];
  const keep = (body: unknown, delaySeconds = 0) => {
    messages.push(JSON.parse(JSON.stringify(body)));
    delays.push(delaySeconds);
  };
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  return {
    messages,
    delays,
    async send(body, options) {
      keep(body, options?.delaySeconds);
      return { metadata: { metrics } };
    },
    async sendBatch(batch, options) {
      for (const { body, delaySeconds } of batch) keep(body, delaySeconds ?? options?.delaySeconds);
      return { metadata: { metrics } };
    },
    async metrics() {
      return metrics;
    },
  };
}

/** The Worker's consumers, with queues that a test can look into and whose messages it hands over itself. */
export function givenPipeline(changes: Partial<Env> = {}) {
  const [events, fast, slow, replays] = [givenQueue(), givenQueue(), givenQueue(), givenQueue()];
  const queues = { EVENTS: events, DELIVERIES: fast, DELIVERIES_SLOW: slow, REPLAYS: replays };
  const own: Env = { ...env, ...queues, ...changes };

  async function run(batch: MessageBatch, consume: (batch: MessageBatch) => Promise<void>) {
    const context = createExecutionContext();
    await consume(batch);
    const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
    const retried = retryMessages.map(({ msgId }: { msgId: string }) => msgId);
    return { acked: explicitAcks, retried };
  }

  /** Hands messages to a consumer; answers which are acknowledged and which come again. */
  function hand(
    queue: string,
    bodies: readonly unknown[],
    attempts = 1,
    changed: Partial<Env> = {},
  ) {
    const batch = batchOf(queue, bodies, attempts);
    return run(batch, () => worker.queue(batch, { ...own, ...changed }));
  }

  return {
    env: own,
    events,
    deliveries: fast,
    slow,
    replays,
    hand,
    report: (...reported: unknown[]) =>
      callAsOperator("POST", "/operator/events", { events: reported }, { env: own }),
    /** Consumes all that waits on the `events` queue. */
    storeAll: (attempts = 1) => hand("simplane-events", events.messages.splice(0), attempts),
    /** Consumes all that waits on the `deliveries` queue. */
    deliverAll(options: TryOptions = {}) {
      const batch = batchOf("simplane-deliveries", fast.messages.splice(0), 1);
      return run(batch, () => consumeFast(batch, own, options));
    },
    /** Consumes all that waits in the slow lane, so much later that every account has rested. */
    async deliverSlow(options: TryOptions = {}) {
      await env.DB.prepare("UPDATE slow_turns SET rest_until = rest_until - 600000").run();
      return this.deliverSlowNow(options);
    },
    /** Consumes all that waits in the slow lane. */
    deliverSlowNow(options: TryOptions = {}) {
      const batch = batchOf("simplane-deliveries-slow", slow.messages.splice(0), 1);
      return run(batch, () => consumeSlow(batch, own, options));
    },
    /** Consumes what waits on the `replays` queue, steps of `size` entries, until nothing is left; each at its time. */
    async replayAll(size?: number) {
      for (let hours = 0; replays.messages.length > 0; hours += 1) {
        const batch = batchOf("simplane-replays", replays.messages.splice(0), 1);
        const now = () => Date.now() + hours * 3_600_000;
        await run(batch, () => consumeReplays(batch, own, { size, now }));
      }
    },
  };
}

export type Pipeline = ReturnType<typeof givenPipeline>;

function batchOf(queue: string, bodies: readonly unknown[], attempts: number) {
  const timestamp = new Date();
  const messages = bodies.map((body, index) => ({ id: String(index), timestamp, attempts, body }));
  return createMessageBatch(queue, messages);
}

export interface Received {
  url: string;
  headers: Headers;
  body: string;
  redirect: string;
}

/** Stands for every endpoint outside: keeps what it is sent, and answers as told (204 unless told). */
export function givenReceivers(answer: (request: Request) => Response | Promise<Response> = ok) {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { url, headers, redirect } = request;
    received.push({ url, headers, redirect, body: await request.clone().text() });
    return answer(request);
  });
  return received;
}

function ok(): Response {
  return new Response(null, { status: 204 });
}

/** An endpoint that accepts the connection and never answers. */
export function never({ signal }: Request): Promise<Response> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A D1 that refuses the batches whose number (from 1) is among these, after it did them if `late`. */
export function failingD1(refuses: (call: number) => boolean, { late = false } = {}): D1Database {
  let calls = 0;
  return new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        calls += 1;
        const refused = refuses(calls);
        const result = refused && !late ? undefined : await target.batch(statements);
        if (refused) throw new Error("D1_ERROR: the test says no");
        return result;
      };
    },
  });
}

/** A D1 to which something happens right before or after its batch of this number (from 1). */
export function d1Beside(
  when: "before" | "after",
  number: number,
  happens: () => Promise<unknown>,
): D1Database {
  let calls = 0;
  return new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        calls += 1;
        const isIt = calls === number;
        if (isIt && when === "before") await happens();
        const result = await target.batch(statements);
        if (isIt && when === "after") await happens();
        return result;
      };
    },
  });
}
