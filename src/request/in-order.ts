import type { Called, Step } from "./types";

/**
 * Several steps as one middleware; the first is the outermost. In place of `every` of hono/combine, which makes its list
 * of handlers at each call.
 */
export function inOrder<E extends Called>(...steps: (Step<E> | Step)[]): Step<E> {
  return steps.map(asStepOf<E>).reduceRight<Step<E>>(
    (rest, step) => (c, next) => step(c, () => rest(c, next)),
    (_, next) => next(),
  );
}

/** A step that needs only the variables of every call runs in any chain; `Context` is invariant, so the types do not show it. */
function asStepOf<E extends Called>(step: Step<E> | Step): Step<E> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return step as Step<E>;
}
