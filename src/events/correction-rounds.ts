import type { Event, UsageEvent } from "./catalogue";
import { aside, type Outcome } from "./outcome";

/** Corrections that one batch makes. */
const A_ROUND = 300;

/** A change of a record that is asked for. */
export interface Asked {
  event: UsageEvent;
  accountId: string;
  /** The public id of the event that tells of it. */
  id: string;
  /** Where its record is, unless an earlier correction is named: `[time, bill_id, operation, id]`. */
  record: [number, string, string, string];
  /** The id that it names; of a replacement none. */
  replaces: string | null;
}

/** One correction of a record and one of an id at a time, and none before the one that it names. */
export function nextRound(left: readonly Asked[]): Asked[] {
  const waiting = new Set(left.map(ownPlace));
  const taken = new Set<string>();
  const some = left.filter((one) => {
    const [own, at] = [ownPlace(one), placeOf(one)];
    if (taken.has(at) || taken.has(`own ${own}`)) return false;
    if (one.replaces !== null && at !== own && waiting.has(at)) return false;
    taken.add(at).add(`own ${own}`);
    return true;
  });
  // Those that name each other wait for nothing.
  return (some.length === 0 ? left.slice(0, 1) : some).slice(0, A_ROUND);
}

/** Where a correction can be named by another. */
function ownPlace({ event, id }: Asked): string {
  return `${event.sim_id} ${id}`;
}

/** What a correction changes. */
function placeOf({ event, replaces, record }: Asked): string {
  return `${event.sim_id} ${replaces ?? JSON.stringify(record)}`;
}

/** Those of `left` that name what the round did not find, or a correction that was not made for that reason. */
export function notFoundEither(
  left: readonly Asked[],
  decided: ReadonlyMap<Event, Outcome>,
): Map<Event, Outcome> {
  const isMissing = (outcome: Outcome | undefined) =>
    outcome?.kind === "aside" && outcome.reason === "replaces_not_found";
  const missing = left.filter(({ event }) => isMissing(decided.get(event)));
  const open = new Set(left.filter(({ event }) => !decided.has(event)));
  const byPlace = Map.groupBy(open, placeOf);
  const owners = Map.groupBy(open, ownPlace);
  const outcomes = new Map<Event, Outcome>();
  for (const one of missing)
    for (const place of [placeOf(one), ownPlace(one)]) {
      // Another correction of this id may still be made.
      if (owners.get(place)?.some((other) => open.has(other))) continue;
      for (const other of byPlace.get(place) ?? []) {
        if (!open.delete(other)) continue;
        outcomes.set(other.event, aside("replaces_not_found"));
        missing.push(other);
      }
    }
  return outcomes;
}
