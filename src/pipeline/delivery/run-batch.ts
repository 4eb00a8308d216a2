import { logFailure } from "../../platform/log";
import { Deadline } from "./deadline";
import { deliver, type DeliverOptions, TIMEOUT_MS } from "./send";
import { runFairly } from "./fair-pool";
import type { Lane } from "../../db/tables/types";
import { SLOTS } from "./turns";
import { noteOff, noteOutcome, putBack, putOff, type Try, type Visit } from "./endpoint-run";

export interface TryOptions extends DeliverOptions {
  /** How long a run starts deliveries. */
  runMs?: number;
}

/** A visit, and what is to be tried there. */
export interface Round {
  visit: Visit;
  tries: readonly Try[];
}

/**
 * Tries each event once, and notes in its visit how it went. An endpoint of the slow lane is left unless its account has
 * a turn there, and one that turns out to belong there as well; what the run does not come to within `runMs` is put off.
 * Answers the visits that a failure of ours broke off: it touches no other endpoint.
 */
export async function tryEach(
  lane: Lane,
  rounds: readonly Round[],
  { timeoutMs = TIMEOUT_MS, runMs, ...options }: TryOptions & { runMs: number },
): Promise<Set<Visit>> {
  const end = Date.now() + runMs;
  const broken = new Set<Visit>();
  const idle: Deadline[] = [];
  const tasks = rounds.map(({ visit, tries }) => tries.map((tried) => ({ visit, tried })));
  await runFairly(tasks, SLOTS, async ({ visit, tried }) => {
    if (broken.has(visit)) return;
    if (visit.endpoint.off || visit.disabled) return noteOff(visit, tried, Date.now());
    if (visit.health.lane === "slow" && visit.turn === undefined)
      return lane === "slow" ? putBack(visit, tried) : putOff(visit, tried);
    if (Date.now() >= end) return putOff(visit, tried);
    const deadline = idle.pop() ?? new Deadline(timeoutMs);
    try {
      const outcome = await deliver(visit.endpoint, tried.event, deadline, options);
      noteOutcome(visit, tried, outcome, Date.now());
    } catch (error) {
      broken.add(visit);
      logBroken(error);
    }
    idle.push(deadline);
  });
  for (const deadline of idle) deadline.end();
  return broken;
}

export function logBroken(error: unknown): void {
  logFailure("visit failed", error);
}
