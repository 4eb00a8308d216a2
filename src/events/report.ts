import type { ErrorCode } from "../errors";
import { type Event, parseEvent, serializeEvent } from "./catalogue";
import { EVENTS_A_MESSAGE, type EventsMessage, pack, sendAll } from "./messages";

export interface Report {
  accepted: number;
  rejected: { index: number; error: ErrorCode; detail?: string }[];
}

/** Checks each event on its own and puts the good ones, packed, on the `events` queue. */
export async function reportEvents(queue: Queue, given: readonly unknown[]): Promise<Report> {
  const events: Event[] = [];
  const rejected: Report["rejected"] = [];
  for (const [index, value] of given.entries()) {
    const parsed = parseEvent(value);
    if ("event" in parsed) events.push(parsed.event);
    else rejected.push({ index, ...parsed });
  }
  const packs = pack(events.map(serializeEvent), EVENTS_A_MESSAGE);
  await sendAll<EventsMessage>(
    queue,
    packs.map((some) => ({ events: some })),
  );
  return { accepted: events.length, rejected };
}
