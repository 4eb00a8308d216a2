import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Env } from "../../src/env";
import worker from "../../src/index";
import type { DeliverOptions } from "../../src/webhooks/deliver";
import { consumeDeliveries } from "../../src/webhooks/consumer";
import { callAsOperator } from "./call";

/** A queue that keeps what is put on it, as the real one would: through JSON. */
export function givenQueue(): Queue & { messages: unknown[] } {
  const messages: unknown[] = [];
  const keep = (body: unknown) => messages.push(JSON.parse(JSON.stringify(body)));
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  return {
    messages,
    async send(body) {
      keep(body);
      return { metadata: { metrics } };
    },
    async sendBatch(batch) {
      for (const { body } of batch) keep(body);
      return { metadata: { metrics } };
    },
    async metrics() {
      return metrics;
    },
  };
}

/** The Worker's consumers, with queues that a test can look into and whose messages it hands over itself. */
export function givenPipeline(changes: Partial<Env> = {}) {
  const events = givenQueue();
  const deliveries = givenQueue();
  const own: Env = { ...env, EVENTS: events, DELIVERIES: deliveries, ...changes };

  /** Hands messages to a consumer; answers which are acknowledged and which come again. */
  async function hand(
    queue: string,
    bodies: readonly unknown[],
    attempts = 1,
    changed: Partial<Env> = {},
  ) {
    const batch = batchOf(queue, bodies, attempts);
    const context = createExecutionContext();
    await worker.queue(batch, { ...own, ...changed });
    const result = await getQueueResult(batch, context);
    return { acked: result.explicitAcks, retried: retriedIn(result) };
  }

  return {
    env: own,
    events,
    deliveries,
    hand,
    report: (...reported: unknown[]) =>
      callAsOperator("POST", "/operator/events", { events: reported }, { env: own }),
    /** Consumes all that waits on the `events` queue. */
    storeAll: (attempts = 1) => hand("simplane-events", events.messages.splice(0), attempts),
    /** Consumes all that waits on the `deliveries` queue. */
    async deliverAll(options: DeliverOptions = {}) {
      const batch = batchOf("simplane-deliveries", deliveries.messages.splice(0), 1);
      const context = createExecutionContext();
      await consumeDeliveries(batch, own, options);
      const result = await getQueueResult(batch, context);
      return { acked: result.explicitAcks, retried: retriedIn(result) };
    },
  };
}

function batchOf(queue: string, bodies: readonly unknown[], attempts: number) {
  const timestamp = new Date();
  const messages = bodies.map((body, index) => ({ id: String(index), timestamp, attempts, body }));
  return createMessageBatch(queue, messages);
}

function retriedIn(result: { retryMessages: { msgId: string }[] }): string[] {
  return result.retryMessages.map(({ msgId }) => msgId);
}

export interface Received {
  url: string;
  headers: Headers;
  body: string;
}

/** Stands for every endpoint outside: keeps what it is sent, and answers as told (204 unless told). */
export function givenReceivers(answer: (request: Request) => Response | Promise<Response> = ok) {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    received.push({
      url: request.url,
      headers: request.headers,
      body: await request.clone().text(),
    });
    return answer(request);
  });
  return received;
}

function ok(): Response {
  return new Response(null, { status: 204 });
}

/** A D1 that refuses the calls whose number (from 1) is among these, after it did them if `late`. */
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
