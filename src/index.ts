import { WorkerEntrypoint } from "cloudflare:workers";
import { app } from "./app";
import type { Env } from "./env";
import { consumeDeadEvents, consumeEvents } from "./events/consumer";
import { type Report, reportEvents } from "./events/report";
import { consumeDeadDeliveries, consumeDeliveries } from "./webhooks/consumer";

/** For the operator's own Workers: a service binding with `entrypoint = "EventReports"` reports events without HTTP. */
export class EventReports extends WorkerEntrypoint<Env> {
  reportEvents(events: unknown[]): Promise<Report> {
    return reportEvents(this.env.EVENTS, events);
  }
}

const CONSUMERS: Record<string, (batch: MessageBatch, env: Env) => Promise<void>> = {
  "simplane-events": consumeEvents,
  "simplane-events-dead": consumeDeadEvents,
  "simplane-deliveries": consumeDeliveries,
  "simplane-deliveries-dead": consumeDeadDeliveries,
};

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    const consume = CONSUMERS[batch.queue];
    if (!consume) throw new Error(`no consumer for the queue ${batch.queue}`);
    await consume(batch, env);
  },
} satisfies ExportedHandler<Env>;
