import {
  type Event,
  idByContent,
  identityOf,
  isCorrection,
  parseEvent,
} from "../../events/schemas";
import { contentOf } from "../../events/content";
import { EventsMessage, type RetryAs } from "../queues/messages";
import type { Reason } from "../queues/unmatched";

/** An event of the messages, each content of it once. */
interface Reported {
  event: Event;
  /** A try before this one may have stored it. */
  again: boolean;
  /** Unmatched rows that it is tried again for. */
  unmatchedIds: number[];
  /** What the operator decided, where another content has its identity. */
  as: RetryAs | undefined;
  /** With `another`, whose event has an id of its own: the report that counts as a repeat from now on. */
  settled: Event | undefined;
  /** It is from before what is kept. */
  tooOld: boolean;
}

export interface Messages {
  reports: Reported[];
  /** What cannot be an event. */
  aside: { reason: Reason; value: unknown }[];
}

/** Reads the events of messages. `keptSince` names the first moment (ms) of which an event's like is kept. */
export async function readMessages(
  messages: readonly Message[],
  keptSince: (event: Event) => number,
): Promise<Messages> {
  const aside: Messages["aside"] = [];
  const byIdentity = new Map<string, Reported[]>();
  const reports: Reported[] = [];
  for (const { body, attempts } of messages) {
    const message = EventsMessage.safeParse(body);
    if (!message.success) {
      aside.push({ reason: "message_invalid", value: body });
      continue;
    }
    const { events, unmatched_ids, as: decided } = message.data;
    for (const [index, value] of events.entries()) {
      const parsed = parseEvent(value);
      if ("error" in parsed) {
        aside.push({ reason: parsed.error, value });
        continue;
      }
      const unmatchedId = unmatched_ids?.[index];
      // A correction takes the place of its record by itself: what it lacks is an id of its own.
      const as = decided && isCorrection(parsed.event) ? "another" : decided;
      const own =
        as === "another" ? { ...parsed.event, id: await idByContent(parsed.event) } : parsed.event;
      const report = reportOf(own, byIdentity, reports);
      if (unmatchedId !== undefined) report.unmatchedIds.push(unmatchedId);
      if (attempts > 1 || unmatchedId !== undefined) report.again = true;
      report.as ??= as;
      if (as === "another") report.settled = parsed.event;
      report.tooOld = own.time < keptSince(own);
    }
  }
  return { reports, aside };
}

/** The report of an event: a new one, or that of an equal event before. */
function reportOf(
  event: Event,
  byIdentity: Map<string, Reported[]>,
  reports: Reported[],
): Reported {
  const identity = identityOf(event);
  const rivals = byIdentity.get(identity) ?? [];
  const content = rivals.length > 0 ? contentOf(event) : "";
  const equal = rivals.find((rival) => contentOf(rival.event) === content);
  if (equal) return equal;
  const report: Reported = {
    event,
    again: false,
    unmatchedIds: [],
    as: undefined,
    settled: undefined,
    tooOld: false,
  };
  byIdentity.set(identity, [...rivals, report]);
  reports.push(report);
  return report;
}
