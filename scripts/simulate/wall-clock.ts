import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./pace";

export const WALL_CLOCK: Clock = {
  now: () => performance.now(),
  // Who waits is told by the signal itself that it is over.
  pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
