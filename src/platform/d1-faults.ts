/**
 * What D1 says when it cannot do what it was asked for the moment: the list of "Debug D1" in Cloudflare's documentation. D1
 * gives its errors no class and no code, so they are told apart by their texts.
 */
const PASSING = [
  "D1 DB is overloaded",
  "Too many requests queued",
  "Network connection lost",
  "reset because its code was updated",
  "caused object to be reset",
  "Cannot resolve D1 DB due to transient issue",
  "Can't read from request stream because client disconnected",
  "exceeded its memory limit and was reset",
  "exceeded its CPU time limit and was reset",
];

/** What D1, or the SQLite beneath it, says when its 10 GB are used up. */
const FULL = ["Exceeded maximum DB size", "database or disk is full"];

/** `passing`: the same may work in a moment. `full`: no write will work until rows are removed. */
export type Fault = "passing" | "full";

/** The fault of D1 that an error tells of, if any; Drizzle has it as the cause of its own error. */
export function faultOf(error: unknown): Fault | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    if (FULL.some((text) => message.includes(text))) return "full";
    if (PASSING.some((text) => message.includes(text))) return "passing";
  }
  return undefined;
}
