import { WorkerEntrypoint } from "cloudflare:workers";
import { app } from "./app";
import { runBatch, runCron } from "./pipeline/queues/instrument";
import { type QueueName, queueNamed } from "./pipeline/queues/names";
import type { Env } from "./platform/env";
import { consumeDeadEvents, consumeEvents } from "./pipeline/ingest/consumer";
import { type Report, reportEvents } from "./pipeline/ingest/report";
import { removeOld } from "./pipeline/retention";
import { consumeDeadDeliveries, consumeFast, consumeSlow } from "./pipeline/delivery/consumer";
import { consumeReplays } from "./pipeline/delivery/replay-consumer";

/** For the operator's own Workers: a service binding with `entrypoint = "EventReports"` reports events without HTTP. */
export class EventReports extends WorkerEntrypoint<Env> {
  reportEvents(events: unknown[]): Promise<Report> {
    return reportEvents(this.env.EVENTS, events);
  }
}

const CONSUMERS: Record<QueueName, (batch: MessageBatch, env: Env) => Promise<void>> = {
  events: consumeEvents,
  "events-dead": consumeDeadEvents,
  deliveries: consumeFast,
  "deliveries-slow": consumeSlow,
  "deliveries-dead": consumeDeadDeliveries,
  replays: consumeReplays,
};

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    await runBatch(batch, env, CONSUMERS[queueNamed(batch.queue)]);
  },
  async scheduled(_event, env) {
    await runCron(env, removeOld);
  },
} satisfies ExportedHandler<Env>;
