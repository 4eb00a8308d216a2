import { median } from "../alternate";
import { type Heap, openHeap } from "../heap";
import { startReceiver } from "../receiver";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { ask } from "./client";
import { messagesOf, usageEvents } from "./usage-events";

const SIMS = 1_200;
const SIZES = { small: 1_000, large: 10_000 };
const REPEATS = 3;
const MOST = 1.25;
const MB = 1024 * 1024;

/** Bytes of the isolate's heap while the consumer works through one batch. */
interface Measured {
  /** Before it starts: its messages, and all that is there without them. */
  held: number;
  /** The most at any moment. */
  peak: number;
}

/** What the events' consumer needs beyond the messages that it is given, in batches of two sizes. */
export async function memory(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime(
    [
      await benchWorker("consumer", "bench/pipeline/memory-worker.ts"),
      {
        ...(await benchWorker("setup", "bench/pipeline/worker.ts")),
        d1Databases: { DB: "consumer" },
      },
    ],
    { inspectorPort: 0 },
  );
  const heap = await openHeap(await miniflare.getInspectorURL(), "consumer");
  try {
    await givenAccounts(miniflare, "consumer", 1, SIMS);
    const setup = await originOf("setup");
    const url = "https://receiver.acme.com/{type}";
    await ask(setup, { call: "make webhook", accountId: "account-1", url, retry: "none" });

    const origin = await originOf("consumer");
    let events = 0;
    const batchOf = async (size: number) => {
      const messages = messagesOf(usageEvents(events, size, { sims: SIMS }));
      events += size;
      return consumeMeasured(origin, heap, messages);
    };
    await batchOf(SIZES.large);
    const runs: Record<keyof typeof SIZES, Measured[]> = { small: [], large: [] };
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      runs.small.push(await batchOf(SIZES.small));
      runs.large.push(await batchOf(SIZES.large));
    }
    return rowsOf(runs);
  } finally {
    heap.close();
    await miniflare.dispose();
  }
}

/** Has the consumer work through one batch, and measures its heap whenever it stands still for that. */
async function consumeMeasured(origin: URL, heap: Heap, messages: unknown[]): Promise<Measured> {
  const live: number[] = [];
  const gauge = await startReceiver((_, response) => {
    heap
      .live()
      .then((bytes) => live.push(bytes))
      .finally(() => response.end())
      .catch(() => {});
  });
  try {
    const body = JSON.stringify({ gauge: gauge.origin, messages });
    const response = await fetch(origin, { method: "POST", body });
    const text = await response.text();
    if (text !== JSON.stringify({ acked: messages.length })) throw new Error(text);
    const [held, ...later] = live;
    if (held === undefined || later.length === 0) throw new Error("the heap was not measured");
    return { held, peak: Math.max(...later) };
  } finally {
    gauge.stop();
  }
}

function rowsOf(runs: Record<keyof typeof SIZES, Measured[]>): Row[] {
  const growth = (size: keyof typeof SIZES) => runs[size].map(({ held, peak }) => peak - held);
  const ratio = median(growth("large")) / median(growth("small"));
  const name = "memory of the consumer beyond its messages";
  const said = (size: keyof typeof SIZES): Row => {
    const mb = growth(size).map((bytes) => bytes / MB);
    const held = median(runs[size].map((run) => run.held)) / MB;
    return {
      name: `${name}: ${SIZES[size]} events in a batch`,
      measured: `${median(mb).toFixed(2)} MB (${Math.min(...mb).toFixed(2)} to ${Math.max(...mb).toFixed(2)} in ${mb.length} batches), on ${held.toFixed(1)} MB before it starts`,
    };
  };
  return [
    {
      name: `${name}: ${SIZES.large} events / ${SIZES.small} events`,
      measured: ratio.toFixed(2),
      limit: `at most ${MOST}`,
      pass: ratio <= MOST,
    },
    said("small"),
    said("large"),
  ];
}
