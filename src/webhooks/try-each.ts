import { logFailure } from "../log";
import { Deadline } from "./deadline";
import { deliver, type DeliverOptions, TIMEOUT_MS } from "./deliver";
import { runFairly } from "./fair-pool";
import type { Lane } from "./health";
import { noteOff, noteOutcome, putOff, type Try, type Visit } from "./visit";

/** Requests under way at a time: a Worker has six connections, and one is left for D1. */
const SLOTS = 5;

/** How long a run starts deliveries: 10 of the 15 minutes that an invocation has. */
const RUN_MS = 600_000;

export interface TryOptions extends DeliverOptions {
  runMs?: number;
}

/** A visit, and what is to be tried there. */
export interface Round {
  visit: Visit;
  tries: readonly Try[];
}

/**
 * Tries each event once, and notes in its visit how it went. In the fast lane, an endpoint that turns out to fail is left;
 * what the run does not come to within `runMs` is put off.
 * Answers the visits that a failure of ours broke off: it touches no other endpoint.
 */
export async function tryEach(
  lane: Lane,
  rounds: readonly Round[],
  { timeoutMs = TIMEOUT_MS, runMs = RUN_MS, ...options }: TryOptions,
): Promise<Set<Visit>> {
  const end = Date.now() + runMs;
  const broken = new Set<Visit>();
  const idle: Deadline[] = [];
  const tasks = rounds.map(({ visit, tries }) => tries.map((tried) => ({ visit, tried })));
  await runFairly(tasks, SLOTS, async ({ visit, tried }) => {
    if (broken.has(visit)) return;
    if (visit.endpoint.off || visit.disabled) return noteOff(visit, tried, Date.now());
    const left = lane === "fast" && visit.health.lane === "slow";
    if (left || Date.now() >= end) return putOff(visit, tried);
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
