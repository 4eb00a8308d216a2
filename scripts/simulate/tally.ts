import type { Event } from "../../src/events/schemas";
import type { Happening } from "./fleet";

/** What was reported so far, counted. */
export interface Tally {
  reported: number;
  accepted: number;
  /** By the code of what is wrong: how many, and the first of them. */
  rejected: Map<string, { count: number; first: Event }>;
  byType: Map<string, number>;
  byKind: Map<string, number>;
  byCountry: Map<string, number>;
  upload: number;
  download: number;
  /** Of the last event, ms; undefined: none was reported. */
  until: number | undefined;
}

export function emptyTally(): Tally {
  return {
    reported: 0,
    accepted: 0,
    rejected: new Map(),
    byType: new Map(),
    byKind: new Map(),
    byCountry: new Map(),
    upload: 0,
    download: 0,
    until: undefined,
  };
}

/** Adds what was reported in one call, and what the server said to it. */
export function count(
  tally: Tally,
  lot: readonly Happening[],
  rejected: readonly { index: number; error: string }[],
): void {
  const refused = new Map(rejected.map(({ index, error }) => [index, error]));
  for (const [index, { event, device }] of lot.entries()) {
    tally.reported += 1;
    tally.until = event.time;
    const error = refused.get(index);
    if (error !== undefined) {
      const before = tally.rejected.get(error);
      tally.rejected.set(error, { count: (before?.count ?? 0) + 1, first: before?.first ?? event });
      continue;
    }
    tally.accepted += 1;
    addOne(tally.byType, event.type);
    addOne(tally.byKind, device.kind);
    addOne(tally.byCountry, event.country_code ?? "-");
    if (event.type !== "usage") continue;
    tally.upload += event.upload;
    tally.download += event.download;
  }
}

function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
