import type { Miniflare } from "miniflare";
import { alternate } from "../alternate";
import type { Load } from "../load";
import { ratioRows } from "../ratio";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { ask, consume } from "./client";
import { messagesOf, usageEvents } from "./usage-events";

const SIMS = 1_200;
const BATCH = 1_000;
const ROUNDS = 8;

type Store = (events: unknown[]) => Promise<unknown>;

/** Events stored a second by our consumer, and by one that does nothing but insert the same rows. */
export async function storedPerSecond(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime([
    await benchWorker("ours", "bench/pipeline/worker.ts"),
    await benchWorker("whole", "bench/pipeline/worker.ts"),
    await benchWorker("bare", "bench/pipeline/bare-store.ts"),
  ]);
  try {
    const workers = ["ours", "whole", "bare"];
    for (const worker of workers) {
      await givenAccounts(miniflare, worker, 1, SIMS, { history: true });
    }
    const [ours, whole, bare] = await Promise.all(workers.map(originOf));
    if (!ours || !whole || !bare) throw new Error("no origin");

    const stores = {
      ours: stream((events) => consume(ours, { call: "store", messages: messagesOf(events) })),
      whole: stream((events) => ask(whole, { call: "report and store", events })),
      bare: stream((events) => postBare(bare, messagesOf(events))),
    };
    for (const store of Object.values(stores)) await store.run(0);
    await checkSameRows(miniflare, workers);
    return [
      ...ratioRows(
        "events stored",
        "events/s",
        0.7,
        await alternate(stores.ours, stores.bare, ROUNDS),
      ),
      ...ratioRows(
        "events stored, with the operator's call that checks and packs them",
        "events/s",
        undefined,
        await alternate(stores.whole, stores.bare, ROUNDS / 2),
      ),
    ];
  } finally {
    await miniflare.dispose();
  }
}

/** One batch after the other of an endless stream of events. */
function stream(store: Store): Load {
  let next = 0;
  return {
    async run(atLeastMs) {
      const begin = performance.now();
      let answered = 0;
      do {
        await store(usageEvents(next, BATCH, { sims: SIMS }));
        next += BATCH;
        answered += BATCH;
      } while (performance.now() - begin < atLeastMs);
      return { answered, milliseconds: performance.now() - begin };
    },
    close() {},
  };
}

async function postBare(origin: URL, messages: unknown[]): Promise<void> {
  const response = await fetch(origin, { method: "POST", body: JSON.stringify({ messages }) });
  const text = await response.text();
  if (text !== JSON.stringify({ stored: BATCH })) throw new Error(`bare: ${text}`);
}

/** Whoever stored the same events has the same rows, but for who stored them and when. */
async function checkSameRows(miniflare: Miniflare, workers: string[]): Promise<void> {
  const contents = await Promise.all(
    workers.map(async (worker) => {
      const d1 = await miniflare.getD1Database("DB", worker);
      const tables = await d1.batch(
        [
          "SELECT account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, details FROM usage_records",
          "SELECT * FROM usage_days",
          "SELECT * FROM account_days",
          "SELECT * FROM account_hours",
          "SELECT json_array_length(events), length(events) FROM event_feed",
        ].map((sql) => d1.prepare(sql)),
      );
      return JSON.stringify(tables.map(({ results }) => results));
    }),
  );
  if (new Set(contents).size > 1) throw new Error("not the same rows");
  if (!contents[0]?.includes("1234567890-1001")) throw new Error("no rows");
}
