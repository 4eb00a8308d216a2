import { app } from "../../src/app";
import type { Env } from "../../src/platform/env";
import { consumeReplays } from "../../src/pipeline/delivery/replay-consumer";
import { countingD1 } from "../pipeline/counting-d1";
import { batchOf, listingQueue, type Sent } from "../pipeline/queue";
import type { Asked } from "./asked";

/** The app and the consumer of replays, answering with what the database was asked and what the queue was sent. */
export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const asked: Asked = JSON.parse(await request.text());
    const { counts, d1 } = countingD1(env.DB);
    const sent: Sent[] = [];
    const own: Env = { ...env, DB: d1, REPLAYS: listingQueue("replays", sent) };
    const answer =
      "step" in asked
        ? await makeStep(asked.step, asked.now, own)
        : await call(asked, own, context);
    return Response.json({ ...answer, ...counts, sent: sent.map(({ body }) => body) });
  },
};

async function call(
  { method, path, key, body }: Extract<Asked, { key: string }>,
  env: Env,
  context: ExecutionContext,
) {
  const request = new Request(`https://bench.example.com${path}`, {
    method,
    headers: { authorization: key },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const response = await app.fetch(request, env, context);
  return { status: response.status, answer: await response.json() };
}

/** Makes a step of a replay at a time; its endpoint accepts each event at once. */
async function makeStep(step: unknown, now: number, env: Env) {
  const { batch, acked } = batchOf([step]);
  const real = globalThis.fetch;
  let delivered = 0;
  globalThis.fetch = async () => {
    delivered += 1;
    return new Response(null, { status: 204 });
  };
  try {
    await consumeReplays(batch, env, { now: () => now });
  } finally {
    globalThis.fetch = real;
  }
  return { status: acked.length === 1 ? 200 : 500, answer: { delivered } };
}
