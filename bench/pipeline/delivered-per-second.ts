import { alternate } from "../alternate";
import type { Load } from "../load";
import { ratioRows } from "../ratio";
import { startReceiver } from "../receiver";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { ask, consume } from "./client";
import { messagesOf, usageEvents } from "./usage-events";

const LEAST_RATIO = 0.8;
const ROUNDS = 12;
const SIMS = 1_000;
/** Messages that a consumer is given at a time. */
const MESSAGES = 10;

/** Deliveries a second to one endpoint by our consumer, and by a loop of fetches. */
export async function deliveredPerSecond(): Promise<Row[]> {
  let received = 0;
  const receiver = await startReceiver((_, response) => {
    received += 1;
    response.writeHead(204).end();
  });
  const { miniflare, originOf } = await startRuntime([
    await benchWorker("ours", "bench/pipeline/worker.ts"),
    await benchWorker("bare", "bench/pipeline/bare-deliver.ts"),
  ]);
  try {
    await givenAccounts(miniflare, "ours", 1, SIMS);
    const [ours, bare] = [await originOf("ours"), await originOf("bare")];
    const url = `${receiver.origin}/usage`;
    await ask(ours, { call: "make webhook", accountId: "account-1", url, retry: "none" });
    const events = messagesOf(usageEvents(0, SIMS, { sims: SIMS }));
    const { sent } = await consume(ours, { call: "store", messages: events });
    const messages = sent.slice(0, MESSAGES).map(({ body }) => body);

    const counted = (deliver: () => Promise<unknown>): Load => ({
      async run(atLeastMs) {
        const before = received;
        const begin = performance.now();
        do await deliver();
        while (performance.now() - begin < atLeastMs);
        return { answered: received - before, milliseconds: performance.now() - begin };
      },
      close() {},
    });
    const rounds = await alternate(
      counted(() => consume(ours, { call: "deliver", lane: "fast", messages, timeoutMs: 15_000 })),
      counted(() => postBare(bare, url, messages)),
      ROUNDS,
    );
    return ratioRows("deliveries to one endpoint", "deliveries/s", LEAST_RATIO, rounds);
  } finally {
    await miniflare.dispose();
    receiver.stop();
  }
}

async function postBare(origin: URL, url: string, messages: unknown[]): Promise<void> {
  const body = JSON.stringify({ url, messages });
  const response = await fetch(origin, { method: "POST", body });
  if (!response.ok) throw new Error(`bare: ${response.status} ${await response.text()}`);
  await response.text();
}
