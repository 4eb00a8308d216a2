import * as z from "zod";
import { serializeEvent } from "../../src/events/catalogue";
import { HOUR_MS } from "../../src/time";
import { client } from "./client";
import { deviceAt } from "./devices";
import { devicesOf, type Happening, happenings, type Plan } from "./fleet";
import { findGround, makeFleet } from "./ground";
import type { Options } from "./options";
import { type Beside, outage } from "./outage";
import { paced } from "./pace";
import type { Progress } from "./progress";
import { SCENARIOS } from "./scenarios";
import { untilStored } from "./stored";
import { grouped, iso, summary } from "./summary";
import { count, emptyTally } from "./tally";
import { WALL_CLOCK } from "./wall-clock";

const Reported = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ index: z.int(), error: z.string() })),
});

export function planOf({ seed, sims, start, hours, scenario }: Options): Plan {
  const span = { begin: start, end: start + hours * HOUR_MS };
  return { seed, sims, span, scenario: SCENARIOS[scenario] };
}

/** An event a line, as the server takes them. */
export function linesOf(lot: readonly Happening[]): string {
  return lot.map(({ event }) => `${JSON.stringify(serializeEvent(event))}\n`).join("");
}

/** Makes the fleet, reports its life and answers the summary, and whether all went well. */
export async function run(
  options: Options,
  operatorKey: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<{ text: string; well: boolean }> {
  const { url, start, rate, speed } = options;
  const plan = planOf(options);
  const patience = { tries: 8, signal, tell: noted(progress) };
  // A server that is not there at the beginning will not be there in a minute.
  const { accountId, key, known } = await findGround(
    client(url, operatorKey, { ...patience, tries: 1 }),
    options.account,
  );
  const ground = { accountId, key, known };
  const operator = client(url, operatorKey, patience);
  const account = client(url, key, patience);
  progress.say(`Account ${accountId}: making ${grouped(plan.sims)} SIMs ...`);
  await makeFleet({ operator, account }, ground, devicesOf(plan), plan.sims, { progress, signal });

  const context = { say: (line: string) => progress.say(line), signal };
  const beside = options.scenario === "endpoint-outage" ? await outage(account, context) : NOBODY;
  const tally = emptyTally();
  const began = performance.now();
  try {
    for await (const lot of paced(happenings(plan), { rate, speed, start }, signal, WALL_CLOCK)) {
      const { rejected } = await operator("POST", "/operator/events", Reported, linesOf(lot));
      count(tally, lot, rejected);
      const now = tally.until ?? start;
      const done = (now - start) / (plan.span.end - start);
      beside.passed(done);
      const perSecond = Math.round(
        (1000 * tally.reported) / Math.max(1000, performance.now() - began),
      );
      progress.show(
        done,
        `${iso(now).slice(0, 16)}  ${grouped(tally.reported)} events  ${perSecond}/s`,
      );
    }
    const seconds = (performance.now() - began) / 1000;
    progress.say(signal.aborted ? "Interrupted." : "All reported; waiting until it is stored ...");
    const stored = known ? undefined : await untilStored(account, tally, start, { signal });
    const seen = await (signal.aborted ? NOBODY : beside).finish(
      known ? undefined : tally.accepted,
    );
    const month = iso(tally.until ?? start).slice(0, 7);
    const star = deviceAt(plan.seed, 0, plan.scenario.stars?.(plan.sims)).device;
    const looks = [...plan.scenario.looks(star, { seed: plan.seed, month }), ...seen.looks];
    const text = [
      summary(options, ground, tally, { seconds, stored, looks }),
      ...(seen.lines.length > 0
        ? ["", "The outage:", ...seen.lines.map((line) => `  ${line}`)]
        : []),
    ].join("\n");
    return { text, well: tally.rejected.size === 0 && seen.well };
  } finally {
    await beside.end();
  }
}

const NOBODY: Beside = {
  passed: () => undefined,
  finish: () => Promise.resolve({ lines: [], looks: [], well: true }),
  end: () => Promise.resolve(),
};

function noted(progress: Progress) {
  return (why: string, seconds: number) =>
    progress.say(`${why.slice(0, 200)}; trying again in ${seconds} s`);
}
