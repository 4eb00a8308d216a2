import { makeAccount } from "./account";
import { alternate } from "./alternate";
import { anySim, fill, migrate, simBody, simId } from "./fleet";
import { type Call, load } from "./load";
import { ratioRows } from "./ratio";
import { benchWorker, ourWorker, startRuntime } from "./runtime";
import type { Row } from "./table";

/** What a bare Worker answers, ours answers at least this part of. */
const LEAST_RATIO = 0.8;
const ROUNDS = 30;

/** `GET /sim` with a key on our Worker, against a bare Worker that does the select alone. */
export async function getSim(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime([
    await ourWorker("ours"),
    await benchWorker("bare", "bench/bare-worker.ts"),
  ]);
  try {
    const [ours, bare] = [await originOf("ours"), await originOf("bare")];
    await migrate(miniflare, "ours");
    await migrate(miniflare, "bare");
    const { accountId, key } = await makeAccount(ours);
    await fill(miniflare, "ours", accountId);
    await fill(miniflare, "bare", accountId);

    // Both get the key, so that both are sent the same bytes.
    const headers = { authorization: key };
    const loads = { ours: load(ours, headers, anyCall), bare: load(bare, headers, anyCall) };
    const rounds = await alternate(loads.ours, loads.bare, ROUNDS);
    loads.ours.close();
    loads.bare.close();
    return ratioRows("GET /sim", "requests/s", LEAST_RATIO, rounds);
  } finally {
    await miniflare.dispose();
  }
}

function anyCall(): Call {
  const sim = anySim();
  return { path: `/sim?id=${simId(sim)}`, expected: simBody(sim) };
}
