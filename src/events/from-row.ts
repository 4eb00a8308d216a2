import type { Event } from "./schemas";
import type { Details } from "./details";

/** An event as a row or an entry of the feed holds it: what it came without is '' or null, its details are apart. */
export interface StoredEvent {
  type: Event["type"];
  id: string | null;
  details: Details | null;
  [field: string]: unknown;
}

/** The event that was stored so. */
export function readStored({ id, details, ...fields }: StoredEvent): Event {
  const event = {
    ...fields,
    ...details,
    ...(id && { id }),
    country_code: fields.country_code || null,
    ...(fields.type !== "usage" && { imei: fields.imei || null }),
  };
  // It was checked when it was stored, and rows are written in one place only.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return event as Event;
}

/** The event of an entry of the feed, or of a correction, as it was written. */
export function readEntry(text: string): Event {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return readStored(JSON.parse(text) as StoredEvent);
}
