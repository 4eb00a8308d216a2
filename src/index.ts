import { WorkerEntrypoint } from "cloudflare:workers";
import { app } from "./app";
import { runBatch, runCron } from "./batches";
import type { Env } from "./env";
import { consumeDeadEvents, consumeEvents } from "./events/consumer";
import { type Report, reportEvents } from "./events/report";
import { removeOld } from "./retention";
import { consumeDeadDeliveries, consumeFast, consumeSlow } from "./webhooks/consumer";
import { consumeReplays } from "./webhooks/replay-consumer";

/** For the operator's own Workers: a service binding with `entrypoint = "EventReports"` reports events without HTTP. */
export class EventReports extends WorkerEntrypoint<Env> {
  reportEvents(events: unknown[]): Promise<Report> {
    return reportEvents(this.env.EVENTS, events);
  }
}

const CONSUMERS: Record<string, (batch: MessageBatch, env: Env) => Promise<void>> = {
  "simplane-events": consumeEvents,
  "simplane-events-dead": consumeDeadEvents,
  "simplane-deliveries": consumeFast,
  "simplane-deliveries-slow": consumeSlow,
  "simplane-deliveries-dead": consumeDeadDeliveries,
  "simplane-replays": consumeReplays,
};

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    const consume = CONSUMERS[batch.queue];
    if (!consume) throw new Error(`no consumer for the queue ${batch.queue}`);
    await runBatch(batch, env, consume);
  },
  async scheduled(_event, env) {
    await runCron(env, removeOld);
  },
} satisfies ExportedHandler<Env>;
