import type { Step } from "./types";

/**
 * Lets a change run to its end even if its caller hangs up: what follows its commit (telling the caches, storing the
 * answer for a repeat) must not be left out.
 */
export const finishChanges: Step = (c, next) => {
  const answered = next();
  if (c.get("actor")) c.executionCtx.waitUntil(answered.catch(() => undefined));
  return answered;
};
