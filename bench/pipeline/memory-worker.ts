import type { Env } from "../../src/platform/env";
import { consumeEvents } from "../../src/pipeline/ingest/consumer";
import { batchOf } from "./queue";

/** Messages to consume, and where to ask for a measurement. */
interface Asked {
  gauge: string;
  messages: unknown[];
}

/** The events' consumer. It stands still to be measured: before it starts, around each D1 batch, and at each send. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { gauge, messages }: Asked = JSON.parse(await request.text());
    const measure = async (moment: string) => {
      const answer = await fetch(`${gauge}/${moment}`);
      await answer.text();
    };
    const { batch, acked } = batchOf(messages);
    await measure("held");
    const queue = measuredQueue(measure);
    const DB = measuredD1(env.DB, measure);
    await consumeEvents(batch, { ...env, DB, DELIVERIES: queue, DELIVERIES_SLOW: queue });
    return Response.json({ acked: acked.length });
  },
};

type Measure = (moment: string) => Promise<void>;

function measuredD1(d1: D1Database, measure: Measure): D1Database {
  return new Proxy(d1, {
    get(target, name) {
      if (name === "prepare") return target.prepare.bind(target);
      if (name !== "batch") throw new Error(`${String(name)} is not measured`);
      return async (statements: Parameters<D1Database["batch"]>[0]) => {
        await measure("asking");
        const results = await target.batch(statements);
        await measure("answered");
        return results;
      };
    },
  });
}

function measuredQueue(measure: Measure): Queue {
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  const send = async () => {
    await measure("sending");
    return { metadata: { metrics } };
  };
  return { send, sendBatch: send, metrics: async () => metrics };
}
