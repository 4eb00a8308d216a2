import { makeAccount } from "./account";
import { alternate, median } from "./alternate";
import { anySim, fill, migrate, simBody, simId } from "./fleet";
import { type Call, load } from "./load";
import { startRuntime } from "./runtime";
import type { Row } from "./table";

/** What a bare Worker answers, ours answers at least this part of. */
const LEAST_RATIO = 0.8;
const ROUNDS = 30;

/** `GET /sim` with a key on our Worker, against a bare Worker that does the select alone. */
export async function getSim(): Promise<Row[]> {
  const { miniflare, ours, bare } = await startRuntime();
  try {
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
    return report(rounds.map((round) => ({ ...round, ratio: round.ours / round.bare })));
  } finally {
    await miniflare.dispose();
  }
}

function anyCall(): Call {
  const sim = anySim();
  return { path: `/sim?id=${simId(sim)}`, expected: simBody(sim) };
}

function report(rounds: { ours: number; bare: number; ratio: number }[]): Row[] {
  const ratios = rounds.map(({ ratio }) => ratio);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const perSecond = (values: number[]) => `${median(values).toFixed(0)} requests/s`;
  return [
    {
      name: "GET /sim: ours / bare Worker",
      measured: `${ratio.toFixed(3)} (${range} in ${rounds.length} rounds)`,
      limit: `at least ${LEAST_RATIO}`,
      pass: ratio >= LEAST_RATIO,
    },
    { name: "GET /sim: ours, this machine", measured: perSecond(rounds.map(({ ours }) => ours)) },
    { name: "GET /sim: bare, this machine", measured: perSecond(rounds.map(({ bare }) => bare)) },
  ];
}
