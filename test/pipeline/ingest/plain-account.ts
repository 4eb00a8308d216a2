import { type Event, eventId, idByContent, parseEvent } from "../../../src/events/schemas";

/** A usage record, or a correction of one, as it is reported; the time as `toISOString()` writes it. */
export interface Report {
  type: "usage";
  sim_id: string;
  id?: string | undefined;
  time: string;
  bill_id: string;
  session_id?: string | undefined;
  country_code: string | null;
  network?: { mcc: string; mnc: string } | undefined;
  operation: string;
  replaces?: string | undefined;
  upload: number;
  download: number;
}

/** A message of the events queue. `row` is the unmatched event that it tries again, by {@link textOf}. */
export interface Message {
  events: Report[];
  as?: "another" | "replacement" | undefined;
  row?: string;
}

export interface UnmatchedRow {
  reason: string;
  event: Report;
}

/** A record, and the id under which the feed has it. */
type NamedRecord = Report & { name: string };

type Outcome = "fresh" | "repeat" | "id_conflict" | "replaces_not_found";

interface Item extends Pick<Message, "as"> {
  event: Report;
  rows: string[];
  /** The public id. */
  name: string;
  /** The report that counts as a repeat once this one is stored: the event was given an id of its own. */
  original?: Report;
}

/** What an account has, kept as plain lists. Only the ids that the product makes of events are the product's. */
export class PlainAccount {
  records: NamedRecord[] = [];
  feed: (Report & { id: string })[] = [];
  unmatched = new Map<string, UnmatchedRow>();
  private corrections = new Map<string, { content: string; of: NamedRecord }>();
  private settled = new Set<string>();

  /** A batch of messages: records first, then corrections, then what the operator decided is settled. */
  async take(messages: readonly Message[]): Promise<void> {
    const items = await itemsOf(messages);
    const outcomes = new Map<Item, Outcome>();
    const plain = items.filter(({ event, as }) => !isCorrection(event) && as !== "replacement");
    for (const item of plain) outcomes.set(item, this.add(item));
    const rest = items.filter((item) => !outcomes.has(item));
    while (rest.length > 0) {
      const next = rest.findIndex((item) => !rest.some((other) => names(item, other)));
      for (const item of rest.splice(Math.max(0, next), 1)) outcomes.set(item, this.change(item));
    }
    this.keep(outcomes);
  }

  private add({ event, name }: Item): Outcome {
    if (this.corrections.has(at(event, event.id))) return "id_conflict";
    const stored = this.records.find((record) => identityOf(record) === identityOf(event));
    if (stored) return this.isKnown(event, stored) ? "repeat" : "id_conflict";
    this.records.push({ ...event, name });
    this.feed.push({ ...event, id: name });
    return "fresh";
  }

  private isKnown(event: Report, stored: Report): boolean {
    return contentOf(stored) === contentOf(event) || this.settled.has(textOf(event));
  }

  /** A correction, or a report that takes the place of the record with its identity. */
  private change({ event, name }: Item): Outcome {
    if (isCorrection(event) && this.settled.has(textOf(event))) return "repeat";
    const place = at(event, name);
    const earlier = this.corrections.get(place);
    if (earlier) return earlier.content === contentOf(event) ? "repeat" : "id_conflict";
    const isTaken = this.records.some((one) => one.id !== undefined && at(one, one.id) === place);
    if (isTaken) return isCorrection(event) ? "id_conflict" : "repeat";
    const record = this.recordNamedBy(event);
    if (!record) return "replaces_not_found";
    this.settled.add(textOf(record));
    const replaces = event.replaces ?? record.name;
    this.feed.push({ ...event, id: name, operation: "correct", replaces });
    const nothing = { session_id: undefined, network: undefined };
    const said = isCorrection(event) ? correctedBy(record, event) : event;
    Object.assign(record, nothing, said);
    this.corrections.set(place, { content: contentOf(event), of: record });
    return "fresh";
  }

  private recordNamedBy(event: Report): NamedRecord | undefined {
    const { replaces } = event;
    if (replaces === undefined)
      return this.records.find((record) => identityOf(record) === identityOf(event));
    const place = at(event, replaces);
    return (
      this.corrections.get(place)?.of ??
      this.records.find((record) => record.id !== undefined && at(record, record.id) === place)
    );
  }

  private keep(outcomes: ReadonlyMap<Item, Outcome>): void {
    const waiting = new Set<string>();
    const fresh: UnmatchedRow[] = [];
    for (const [{ event, rows, original }, reason] of outcomes) {
      if (reason === "id_conflict" || reason === "replaces_not_found") {
        if (rows.length === 0) fresh.push({ reason, event });
        for (const row of rows) {
          waiting.add(row);
          const kept = this.unmatched.get(row);
          if (kept) kept.reason = reason;
        }
      } else if (original) this.settled.add(textOf(original));
    }
    for (const row of fresh) this.unmatched.set(textOf(row.event), row);
    for (const { rows } of outcomes.keys())
      for (const row of rows) if (!waiting.has(row)) this.unmatched.delete(row);
  }
}

/** The reports of messages, each content of an identity once. */
async function itemsOf(messages: readonly Message[]): Promise<Item[]> {
  const items = new Map<string, Item>();
  for (const { events, row, as: decided } of messages)
    for (const reported of events) {
      // A correction is a replacement by itself: decided either way, it is made under an id of its own.
      const as = decided && isCorrection(reported) ? "another" : decided;
      const made = await idByContent(parsed(reported));
      const event = as === "another" ? { ...reported, id: made } : reported;
      const item = items.getOrInsert(textOf(event), { event, rows: [], name: "" });
      item.as ??= as;
      item.name = item.as === "replacement" ? made : await eventId(parsed(event));
      if (row !== undefined) item.rows.push(row);
      if (as === "another") item.original = reported;
    }
  return [...items.values()];
}

/** A correction leaves a detail as it was where it leaves it out; a network goes with its country. */
function correctedBy(record: Report, event: Report): Report {
  const { operation, id, time, bill_id, session_id } = record;
  const network = record.country_code === event.country_code ? record.network : undefined;
  const identity = id === undefined ? { time, bill_id, session_id } : {};
  const own = { session_id: event.session_id ?? session_id, network: event.network ?? network };
  return { ...event, ...own, ...identity, operation, id, replaces: undefined };
}

/** True where the item names another of the batch: it waits for that one. */
function names({ event, name }: Item, other: Item): boolean {
  return (
    event.replaces !== undefined &&
    event.replaces !== name &&
    at(event, event.replaces) === at(other.event, other.name)
  );
}

export function isCorrection({ operation }: Report): boolean {
  return operation === "correct";
}

function at({ sim_id }: Report, id: string | undefined): string {
  return `${sim_id} ${id}`;
}

function identityOf(report: Report): string {
  const { id, sim_id, time, bill_id, operation, session_id } = report;
  if (id !== undefined) return JSON.stringify([sim_id, id]);
  const own = isCorrection(report) ? [contentOf(report)] : [session_id];
  return JSON.stringify([sim_id, time, bill_id, operation, ...own]);
}

function contentOf({
  sim_id,
  time,
  bill_id,
  session_id,
  country_code,
  network,
  ...rest
}: Report): string {
  const { operation, replaces, upload, download } = rest;
  const { mcc, mnc } = network ?? {};
  return JSON.stringify([
    sim_id,
    time,
    bill_id,
    session_id,
    country_code,
    mcc,
    mnc,
    operation,
    replaces,
    upload,
    download,
  ]);
}

/** All that a report says: its id, if it has one, and its content. */
export function textOf(report: Report): string {
  return `${report.id ?? ""} ${contentOf(report)}`;
}

function parsed(report: Report): Event {
  const read = parseEvent(report);
  if ("error" in read) throw new Error(`given: ${read.error}`);
  return read.event;
}
