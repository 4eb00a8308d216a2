import { faultOf } from "./d1-faults";

/** All that the Worker's log says. docs/operations.md tells of each what it means and what to do. */
export const MESSAGES = [
  "request",
  "batch",
  "cron",
  "request failed",
  "batch failed",
  "cron failed",
  "events not stored",
  "deliveries stopped",
  "deliveries not queued",
  "visit failed",
  "outcomes not kept",
  "health not kept",
  "secrets do not open",
  "replay stopped",
  "dead letter not kept",
  "old rows not removed",
  "old rows left",
  "idempotent answer not kept",
  "caches not told of a key's end",
  "key cache not filled",
  "last_used_at not written",
  "export broken off",
  "health check failed",
  "counters not written",
] as const;
export type Message = (typeof MESSAGES)[number];

/** What a line says besides: names, ids of ours and numbers; never what a caller sent. */
export type Fields = Record<string, string | number | boolean | null | object | undefined>;

/** Writes a line of what went as it should. */
export function log(message: Message, fields: Fields): void {
  write("log", message, fields);
}

/** Writes a line of what did not, and why where an error tells it; `fault` where it is D1's, so that an alarm can go by it. */
export function logFailure(message: Message, error?: unknown, fields: Fields = {}): void {
  const fault = faultOf(error);
  const why = error === undefined ? {} : { error: describe(error), ...(fault && { fault }) };
  write("error", message, { ...fields, ...why });
}

/** An error for the log: its causes too, since Drizzle wraps what D1 threw. Statements' parameters are left out. */
export function describe(error: unknown): string {
  const causes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    causes.push(`${cause.name}: ${cause.message.split("\nparams:")[0]}`);
  return causes.length > 0 ? causes.join(" <- ") : typeof error;
}

/** The one place that writes to the console. */
function write(level: "log" | "error", message: Message, fields: Fields): void {
  // oxlint-disable-next-line no-console
  console[level](JSON.stringify({ message, ...fields }));
}
