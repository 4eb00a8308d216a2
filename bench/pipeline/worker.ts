import { allOf } from "../../src/access/access";
import { openPrimary } from "../../src/db/client";
import type { Env } from "../../src/platform/env";
import { consumeEvents } from "../../src/pipeline/ingest/consumer";
import { reportEvents } from "../../src/pipeline/ingest/report";
import { removeOld } from "../../src/pipeline/retention";
import { readUsage } from "../../src/api/usage/classic/list";
import { UsageQuery } from "../../src/api/usage/classic/schemas";
import { consumeFast, consumeSlow } from "../../src/pipeline/delivery/consumer";
import { createWebhook } from "../../src/api/webhooks/queries";
import { Replay } from "../../src/pipeline/delivery/replay";
import { consumeReplays } from "../../src/pipeline/delivery/replay-consumer";
import { startReplay } from "../../src/pipeline/delivery/start-replay";
import type { Asked } from "./asked";
import { countingD1 } from "./counting-d1";
import { batchOf, listingQueue, type Sent } from "./queue";

/** The project's own functions, called over HTTP: each answers with what it sent to queues and asked of D1. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { counts, d1 } = countingD1(env.DB);
    const sent: Sent[] = [];
    const own: Env = {
      ...env,
      DB: d1,
      EVENTS: listingQueue("events", sent),
      DELIVERIES: listingQueue("fast", sent),
      DELIVERIES_SLOW: listingQueue("slow", sent),
      REPLAYS: listingQueue("replays", sent),
    };
    const asked: Asked = JSON.parse(await request.text());
    return Response.json({ answer: await run(asked, own, sent), sent, ...counts });
  },
};

// oxlint-disable-next-line typescript/consistent-return -- every call that there is returns
async function run(asked: Asked, env: Env, sent: Sent[]): Promise<unknown> {
  switch (asked.call) {
    case "report":
      return reportEvents(env.EVENTS, asked.events);
    case "report and store": {
      await reportEvents(env.EVENTS, asked.events);
      const messages = sent.splice(0).map(({ body }) => body);
      return run({ call: "store", messages }, env, sent);
    }
    case "store": {
      const { batch, acked } = batchOf(asked.messages);
      await consumeEvents(batch, env);
      return acked;
    }
    case "deliver": {
      const { batch, acked } = batchOf(asked.messages);
      const consume = asked.lane === "fast" ? consumeFast : consumeSlow;
      await consume(batch, env, { timeoutMs: asked.timeoutMs });
      return acked;
    }
    case "start replay": {
      const { accountId: account_id, webhookId: webhook_id, until } = asked;
      const step = { account_id, webhook_id, id: crypto.randomUUID() };
      const replay = { account_id, webhook_id, since: 0, until, tags: null, after: [0, 0] };
      const events = await startReplay(openPrimary(env.DB), Replay.parse(replay), step);
      await env.REPLAYS.send(step);
      return events;
    }
    case "replay": {
      const { batch, acked, retried } = batchOf(asked.messages);
      await consumeReplays(batch, env);
      // The queue would hand these out again.
      for (const { index, delaySeconds } of retried)
        await env.REPLAYS.send(asked.messages[index], { delaySeconds });
      return [...acked, ...retried.map(({ index }) => index)];
    }
    case "usage":
      return readUsage(openPrimary(env.DB), allOf(asked.accountId), UsageQuery.parse(asked.query));
    case "remove old":
      return removeOld(env, asked.now);
    case "make webhook": {
      const input = { url: asked.url, retry: asked.retry };
      return createWebhook(openPrimary(env.DB), allOf(asked.accountId), input, [
        env.ENCRYPTION_KEY,
      ]);
    }
  }
}
