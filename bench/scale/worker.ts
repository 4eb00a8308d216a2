import { app } from "../../src/app";
import type { Env } from "../../src/platform/env";
import { consumeEvents } from "../../src/pipeline/ingest/consumer";
import { countingD1 } from "../pipeline/counting-d1";
import { batchOf, listingQueue } from "../pipeline/queue";
import type { Asked } from "./asked";

/** The whole app, answering with what its database was asked. */
export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const asked: Asked = JSON.parse(await request.text());
    const { counts, d1 } = countingD1(env.DB);
    const own: Env = { ...env, DB: d1 };
    if ("store" in asked) {
      const queue = listingQueue("deliveries", []);
      const { batch, acked } = batchOf([{ events: asked.store }]);
      await consumeEvents(batch, { ...own, DELIVERIES: queue, DELIVERIES_SLOW: queue });
      return Response.json({ status: acked.length === 1 ? 200 : 500, answer: null, ...counts });
    }
    const { method, path, key, body } = asked;
    const call = new Request(`https://bench.example.com${path}`, {
      method,
      headers: { authorization: key },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const response = await app.fetch(call, own, context);
    return Response.json({ status: response.status, answer: await response.json(), ...counts });
  },
};
