import type { ErrorCode } from "../../platform/errors";
import { type Event, parseEvent, serializeEvent } from "../../events/schemas";
import type { Warning } from "../../events/read-reported";
import { EVENTS_A_MESSAGE, type EventsMessage, pack, sendAll } from "../queues/messages";

export interface Report {
  accepted: number;
  rejected: { index: number; error: ErrorCode; detail?: string }[];
  /** Only where there are some. */
  warnings?: ({ index: number } & Warning)[];
}

/** Of a call; more are not named, so that an answer stays smaller than its question. */
export const MOST_WARNINGS = 1_000;

/** Checks each event on its own and puts the good ones, packed, on the `events` queue. */
export async function reportEvents(queue: Queue, given: readonly unknown[]): Promise<Report> {
  const events: Event[] = [];
  const rejected: Report["rejected"] = [];
  const warnings: NonNullable<Report["warnings"]> = [];
  for (const [index, value] of given.entries()) {
    const parsed = parseEvent(value);
    if ("error" in parsed) rejected.push({ index, ...parsed });
    else {
      events.push(parsed.event);
      for (const warning of parsed.warnings) warnings.push({ index, ...warning });
    }
  }
  const packs = pack(events.map(serializeEvent), EVENTS_A_MESSAGE);
  await sendAll<EventsMessage>(
    queue,
    packs.map((some) => ({ events: some })),
  );
  return { accepted: events.length, rejected, ...someOf(warnings) };
}

/** The first warnings, as a {@link Report} has them. */
export function someOf(warnings: NonNullable<Report["warnings"]>): Pick<Report, "warnings"> {
  return warnings.length > 0 ? { warnings: warnings.slice(0, MOST_WARNINGS) } : {};
}
