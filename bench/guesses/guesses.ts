import * as z from "zod";
import { migrate } from "../fleet";
import { ourWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import type { Asked } from "./asked";

const KEYS = 1000;
const MOST_READS = 100;
const Answer = z.object({ reads: z.number(), statuses: z.record(z.string(), z.number()) });

/** How often D1 is asked for unknown keys from one IPv6 /64: the lesser of two runs, since a minute may end within one. */
export async function guesses(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime([
    await ourWorker("guesses", "bench/guesses/worker.ts"),
  ]);
  try {
    await migrate(miniflare, "guesses");
    const origin = await originOf("guesses");
    const runs = [await run(origin, "2001:db8:0:1"), await run(origin, "2001:db8:0:2")];
    const reads = Math.min(...runs);
    return [
      {
        name: `D1 reads by ${KEYS} unknown keys from one /64`,
        measured: String(reads),
        limit: `at most ${MOST_READS}`,
        pass: reads > 0 && reads <= MOST_READS,
      },
    ];
  } finally {
    await miniflare.dispose();
  }
}

async function run(origin: URL, network: string): Promise<number> {
  const asked: Asked = { network, keys: KEYS };
  const response = await fetch(origin, { method: "POST", body: JSON.stringify(asked) });
  const { reads, statuses } = Answer.parse(await response.json());
  const refused = (statuses["401"] ?? 0) + (statuses["429"] ?? 0);
  if (refused !== KEYS) throw new Error(`not all were refused: ${JSON.stringify(statuses)}`);
  return reads;
}
