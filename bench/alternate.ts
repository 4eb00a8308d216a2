import type { Load } from "./load";

/** Requests a second of both, over the same two seconds. */
export interface Round {
  ours: number;
  bare: number;
}

const WARM_UP_MS = 3_000;
/** Short, so that what else the machine does falls on both alike. */
const TURN_MS = 100;
const TURNS = 10;

/** Measures two Workers in rounds of about two seconds: short turns, now ours first, now the bare one. */
export async function alternate(ours: Load, bare: Load, rounds: number): Promise<Round[]> {
  await ours.run(WARM_UP_MS);
  await bare.run(WARM_UP_MS);
  const measured: Round[] = [];
  while (measured.length < rounds) measured.push(await oneRound(ours, bare));
  return measured;
}

async function oneRound(ours: Load, bare: Load): Promise<Round> {
  const tallies = { ours: tally(ours), bare: tally(bare) };
  const order = [tallies.ours, tallies.bare];
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const side of order) await side.takeTurn();
    order.reverse();
  }
  return { ours: tallies.ours.perSecond(), bare: tallies.bare.perSecond() };
}

function tally(load: Load) {
  let answered = 0;
  let milliseconds = 0;
  return {
    async takeTurn() {
      const turn = await load.run(TURN_MS);
      answered += turn.answered;
      milliseconds += turn.milliseconds;
    },
    perSecond: () => (answered / milliseconds) * 1000,
  };
}

/** The value in the middle; of an even number, the mean of the two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error("no values");
  return (lower + upper) / 2;
}
