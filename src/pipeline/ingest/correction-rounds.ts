import type { UsageEvent } from "../../events/schemas";

/** A change of a record that is asked for. */
export interface Asked {
  event: UsageEvent;
  accountId: string;
  /** The public id of the event that tells of it. */
  id: string;
  /** The id that it was given if the operator decided it as a conflict. */
  decidedId: string;
  /** Where its record is, unless an earlier correction is named: `[time, bill_id, operation, id]`. */
  record: [number, string, string, string];
  /** The id that it names; of a replacement none. */
  replaces: string | null;
}

/** Where a correction of this SIM can be named. */
export function placeOf({ sim_id }: { sim_id: string }, id: string): string {
  return `${sim_id} ${id}`;
}

/** By their arrival, but one that names another comes after it. Of those that name each other, the first comes first. */
export function inOrder(asked: readonly Asked[]): Asked[] {
  const rest = asked.map((one) => {
    const { event, id, replaces } = one;
    const names = replaces === null || replaces === id ? undefined : placeOf(event, replaces);
    return { one, place: placeOf(event, id), names };
  });
  const waiting = new Map<string, number>();
  const count = (place: string) => waiting.get(place) ?? 0;
  for (const { place } of rest) waiting.set(place, count(place) + 1);
  const ordered: Asked[] = [];
  while (rest.length > 0) {
    const free = rest.findIndex(({ names }) => names === undefined || count(names) === 0);
    for (const { one, place } of rest.splice(Math.max(0, free), 1)) {
      waiting.set(place, count(place) - 1);
      ordered.push(one);
    }
  }
  return ordered;
}
