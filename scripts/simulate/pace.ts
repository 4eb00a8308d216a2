/** How fast events are let through: both hold, so the slower one decides. */
export interface Pace {
  /** Events a second, at most. */
  rate: number;
  /** How much faster than the clock the events' own time goes, at most. */
  speed: number;
  /** The events' own time at the beginning, ms. */
  start: number;
}

export interface Clock {
  /** ms */
  now(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

const MOST_AT_ONCE = 2_000;
const STEP_MS = 500;

/**
 * Events in lots as they fall due, until there are no more or the signal says so. What a slow receiver left unused of the
 * rate is not made up for, but for one second's worth.
 */
export async function* paced<T extends { event: { time: number } }>(
  events: Iterator<T>,
  { rate, speed, start }: Pace,
  signal: AbortSignal,
  clock: Clock,
): AsyncGenerator<T[]> {
  const began = clock.now();
  const most = Math.min(MOST_AT_ONCE, Math.max(1, rate));
  let room = Math.min(most, Math.max(1, rate * (STEP_MS / 1000)));
  let last = began;
  let next = events.next();
  while (!next.done && !signal.aborted) {
    const now = clock.now();
    room = Math.min(most, room + (rate === Infinity ? most : (rate * (now - last)) / 1000));
    last = now;
    const due = speed === Infinity ? Infinity : start + speed * (now - began);
    const lot: T[] = [];
    for (
      ;
      !next.done && lot.length + 1 <= room && next.value.event.time <= due;
      next = events.next()
    )
      lot.push(next.value);
    room -= lot.length;
    if (lot.length > 0) yield lot;
    if (!next.done && lot.length < most) await clock.pause(STEP_MS, signal);
  }
}
