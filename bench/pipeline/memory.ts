import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { consume } from "./client";
import { openHeapMeter } from "./inspector";
import { messagesOf, usageEvents } from "./usage-events";

const SIMS = 1_200;
const BATCH = 1_000;
/** Before the first measurement: code is compiled and caches are filled. */
const WARM_UP = 3;
const MOST_GROWTH = 1.1;
const SAMPLE_MS = 5;

/** The heap of the events' consumer: what 1,000 and 10,000 events, a batch of 1,000 after the other, leave and take. */
export async function memory(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime(
    [await benchWorker("consumer", "bench/pipeline/worker.ts")],
    { inspectorPort: 0 },
  );
  try {
    await givenAccounts(miniflare, "consumer", 1, SIMS);
    const origin = await originOf("consumer");
    const heap = await openHeapMeter(await miniflare.getInspectorURL(), "consumer");
    let next = 0;
    const store = async () => {
      const messages = messagesOf(usageEvents(next, BATCH, { sims: SIMS }));
      next += BATCH;
      await consume(origin, { call: "store", messages });
    };
    for (let batch = 0; batch < WARM_UP; batch += 1) await store();

    const before = await heap.kept();
    const first = await highest(heap.used, store);
    const afterOne = await heap.kept();
    let most = first;
    for (let batch = 1; batch < 10; batch += 1)
      most = Math.max(most, await highest(heap.used, store));
    const afterTen = await heap.kept();
    heap.close();
    return [
      {
        name: "memory kept by the events' consumer after 10,000 events / after 1,000",
        measured: `${(afterTen / afterOne).toFixed(3)} (${mb(before)} before, ${mb(afterOne)}, ${mb(afterTen)})`,
        limit: `at most ${MOST_GROWTH}`,
        pass: afterTen <= MOST_GROWTH * afterOne,
      },
      {
        name: "memory of a batch of 1,000 events: highest heap seen, garbage included",
        measured: `${mb(first)} in the first, ${mb(most)} in ten`,
      },
    ];
  } finally {
    await miniflare.dispose();
  }
}

/** The highest value seen while something is done. */
async function highest(measure: () => Promise<number>, work: () => Promise<void>): Promise<number> {
  let most = await measure();
  const sampling = setInterval(() => {
    void measure().then((value) => (most = Math.max(most, value)));
  }, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return Math.max(most, await measure());
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
