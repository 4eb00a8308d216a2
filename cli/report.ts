import { randomUUID } from "node:crypto";
import type { components, Simplane } from "../client";
import { batches } from "./batches";
import { objectIn } from "./json";
import { linesOf } from "./lines";

type Event = components["schemas"]["ReportedEvent"];

/** What a call takes: 1,000 events; and well below its 4 MB. */
const LIMITS = { count: 1_000, characters: 1_000_000 };

export interface OneEvent {
  type?: Event["type"] | undefined;
  sim?: string | undefined;
  country?: string | undefined;
  upload?: number | undefined;
  download?: number | undefined;
  bill?: string | undefined;
  operation?: string | undefined;
  imei?: string | undefined;
  at?: { lat: number; lng: number } | undefined;
  time?: string | undefined;
}

/** An option that the event would not tell of: what was typed is not left out in silence. */
export function strayOption({ type, ...given }: OneEvent): string | undefined {
  const strays =
    type === "usage"
      ? (["imei", "at"] as const)
      : (["upload", "download", "bill", "operation"] as const);
  return strays.find((name) => given[name] !== undefined);
}

/** What became of the events of a call; the lines are those of the file. */
export interface Reported {
  accepted: number;
  rejected: { line: number; error: string; detail?: string | undefined }[];
}

interface Line {
  line: number;
  /** Undefined where the line holds no JSON object. */
  event: object | undefined;
}

/** The events of a file, a JSON object a line. */
export async function* eventsIn(text: AsyncIterable<string>): AsyncGenerator<Line> {
  for await (const { line, text: json } of linesOf(text)) yield { line, event: objectIn(json) };
}

/** An event of what the command line says; what the API asks for beyond that is given a likely value. */
export async function* oneEvent(given: OneEvent): AsyncGenerator<Line> {
  const { type, sim: sim_id, country, imei, at, time = new Date().toISOString() } = given;
  const { upload = 0, download = 0, bill = randomUUID(), operation = "finalize" } = given;
  const common = { type, time, sim_id, ...(country !== undefined && { country_code: country }) };
  const event =
    type === "usage"
      ? { ...common, bill_id: bill, operation, upload, download }
      : { ...common, ...(imei !== undefined && { imei }), ...(at && { location: at }) };
  yield { line: 1, event };
}

/** Reports them, call after call. An event counts once, so that a file may be sent again. */
export async function* reportEvents(
  api: Simplane,
  reports: AsyncIterable<Line>,
): AsyncGenerator<Reported> {
  for await (const batch of batches(reports, lengthOf, LIMITS)) {
    const lines: number[] = [];
    const events: Event[] = [];
    const rejected: Reported["rejected"] = [];
    for (const { line, event } of batch)
      if (isEvent(event)) {
        lines.push(line);
        events.push(event);
      } else rejected.push({ line, error: "event_invalid" });
    if (events.length === 0) yield { accepted: 0, rejected };
    else {
      const { data } = await api.POST("/operator/events", { body: { events } });
      for (const { index, error, detail } of data.rejected)
        rejected.push({ line: lines[index] ?? 0, error, ...(detail !== undefined && { detail }) });
      rejected.sort((a, b) => a.line - b.line);
      yield { accepted: data.accepted, rejected };
    }
  }
}

function lengthOf({ event }: Line): number {
  return JSON.stringify(event ?? "").length;
}

/** What is in a file is for the API to judge: it says what is wrong with which event. */
function isEvent(event: object | undefined): event is Event {
  return event !== undefined;
}
