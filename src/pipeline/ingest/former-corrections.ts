import type { Db } from "../../db/client";
import { type Event, isCorrection } from "../../events/schemas";
import { findFormerRecords } from "./compare";
import { placeOf } from "./correction-rounds";
import type { Owned } from "./outcome";

/** Corrections that are made for former holders: of their records, and of such corrections. */
export async function correctionsOfFormer(db: Db, events: readonly Event[]): Promise<Owned[]> {
  const corrections = events.filter(isCorrection);
  const reported = new Set(
    events.filter((event) => !isCorrection(event)).map((event) => placeOf(event, event.id ?? "")),
  );
  const accounts = await findFormerRecords(
    db,
    corrections.filter((event) => !reported.has(placeReplacedBy(event))),
  );
  const made: Owned[] = [];
  const places = new Map<string, string>();
  let left = corrections;
  for (let before = Infinity; left.length < before;) {
    before = left.length;
    left = left.filter((event) => {
      const accountId = accounts.get(event) ?? places.get(placeReplacedBy(event));
      if (accountId === undefined) return true;
      made.push({ event, accountId });
      if (event.id !== undefined) places.set(placeOf(event, event.id), accountId);
      return false;
    });
  }
  return made;
}

function placeReplacedBy(event: Event): string {
  return placeOf(event, (event.type === "usage" && event.replaces) || "");
}
