import type { Simplane } from "../../client";
import { serializeEvent } from "../../src/events/schemas";
import { HOUR_MS } from "../../src/platform/time";
import { clientsOf } from "./clients";
import { deviceAt } from "./devices";
import { devicesOf, type Happening, happenings, type Plan } from "./fleet";
import { findGround, makeFleet } from "./ground";
import type { Options } from "./options";
import { type Beside, outage, type Seen } from "./outage";
import { paced } from "./pace";
import type { Progress } from "./progress";
import { SCENARIOS } from "./scenarios";
import { untilStored } from "./stored";
import { grouped, iso, summary } from "./summary";
import { count, emptyTally, type Tally } from "./tally";
import { WALL_CLOCK } from "./wall-clock";

export function planOf({ seed, sims, start, hours, scenario }: Options): Plan {
  const span = { begin: start, end: start + hours * HOUR_MS };
  return { seed, sims, span, scenario: SCENARIOS[scenario] };
}

/** An event a line, as the server takes them. */
export function linesOf(lot: readonly Happening[]): string {
  return lot.map(({ event }) => `${JSON.stringify(serializeEvent(event))}\n`).join("");
}

interface Context {
  progress: Progress;
  signal: AbortSignal;
}

export interface Ran {
  text: string;
  well: boolean;
  /** What ended it before its time. */
  failure?: unknown;
}

/** Makes the fleet and reports its life; answers the summary, and whether all went well. */
export async function run(options: Options, operatorKey: string, context: Context): Promise<Ran> {
  const { url, start } = options;
  const { progress, signal } = context;
  const plan = planOf(options);
  const { impatient, patient } = clientsOf(url, (what) => progress.say(what));
  const unlessStopped = (error: unknown): undefined => {
    if (error !== signal.reason) throw error;
  };
  // A server that is not there at the beginning will not be there in a minute.
  const ground = await findGround(impatient(operatorKey), options.account);
  const [operator, account] = [patient(operatorKey), patient(ground.key)];
  progress.say(`Account ${ground.accountId}: making ${grouped(plan.sims)} SIMs ...`);
  await makeFleet(
    { operator, account, actAs: patient },
    ground,
    devicesOf(plan),
    plan.sims,
    context,
  ).catch(unlessStopped);

  const say = (line: string) => progress.say(line);
  const beside =
    options.scenario === "endpoint-outage" ? await outage(account, { say, signal }) : NOBODY;
  const tally = emptyTally();
  const began = performance.now();
  const reported = reportAll(options, plan, operator, tally, beside, context);
  let failure = await reported.catch(unlessStopped).then(nothing, (error: unknown) => error);
  const seconds = (performance.now() - began) / 1000;
  const cutShort = signal.aborted || failure !== undefined;
  progress.say(cutShort ? "Cut short." : "All reported; waiting until it is stored ...");
  let stored: boolean | undefined;
  let seen = NOTHING;
  // Whatever fails from here on, the summary is told: only it has the account's key.
  try {
    const fresh = !ground.known && !cutShort;
    if (fresh) stored = await untilStored(account, tally, start, { signal }).catch(unlessStopped);
    if (!cutShort) seen = await beside.finish(fresh ? tally.accepted : undefined);
  } catch (error) {
    failure = error;
  }
  await beside.end(failure === undefined).catch((error: unknown) => (failure = error));
  const star = deviceAt(plan.seed, 0, plan.scenario.stars?.(plan.sims)).device;
  const about = { seed: plan.seed, month: iso(tally.until ?? start).slice(0, 7) };
  const looks = [...plan.scenario.looks(star, about), ...seen.looks];
  const text = [summary(options, ground, tally, { seconds, stored, looks }), ...seen.lines];
  return { text: text.join("\n"), well: tally.rejected.size === 0 && seen.well, failure };
}

async function reportAll(
  { start, rate, speed }: Options,
  plan: Plan,
  operator: Simplane,
  tally: Tally,
  beside: Beside,
  { progress, signal }: Context,
): Promise<void> {
  const began = performance.now();
  for await (const lot of paced(happenings(plan), { rate, speed, start }, signal, WALL_CLOCK)) {
    const { data } = await operator.POST("/operator/events", {
      body: linesOf(lot),
      ...AS_LINES,
      signal,
    });
    count(tally, lot, data.rejected);
    const now = tally.until ?? start;
    const done = (now - start) / (plan.span.end - start);
    beside.passed(done);
    const seconds = Math.max(1, (performance.now() - began) / 1000);
    const perSecond = Math.round(tally.reported / seconds);
    progress.show(
      done,
      `${iso(now).slice(0, 16)}  ${grouped(tally.reported)} events  ${perSecond}/s`,
    );
  }
}

const AS_LINES = {
  headers: { "content-type": "application/x-ndjson" },
  bodySerializer: (lines: unknown) => lines,
};

function nothing(): undefined {
  return undefined;
}

const NOTHING: Seen = { lines: [], looks: [], well: true };

const NOBODY: Beside = {
  passed: () => undefined,
  finish: () => Promise.resolve(NOTHING),
  end: () => Promise.resolve(),
};
