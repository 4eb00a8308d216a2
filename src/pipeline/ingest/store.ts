import type { Db } from "../../db/client";
import type { Event } from "../../events/schemas";
import { findKnown, type Known } from "./compare";
import { correct } from "./correct";
import { correctionsOfFormer } from "./former-corrections";
import { aside, type Outcome } from "./outcome";
import { type Owner, ownerFor } from "./owners";
import { noteRepeats, storeBatch, type Stored } from "./store-batch";

interface StoreOptions {
  /** Events that take the place of those with the same identity. */
  replacing?: ReadonlySet<Event>;
  /** The reports of events that the operator counts beside others: one whose report is known is a repeat. */
  decided?: ReadonlyMap<Event, Event>;
  /** Some were perhaps stored by a try before. */
  again?: boolean;
}

/**
 * Stores events, each once however often it comes: most in one D1 batch. Events that a former holder of their SIM may have
 * stored already are compared first, and take more batches.
 */
export async function storeEvents(
  db: Db,
  events: readonly Event[],
  { replacing = new Set(), decided = new Map(), again = false }: StoreOptions = {},
): Promise<Stored> {
  const knownReports = await findKnown(db, [...decided.values()]);
  const known = new Map(
    [...decided].flatMap(([event, report]): [Event, Known][] => {
      const one = knownReports.get(report);
      return one ? [[event, one]] : [];
    }),
  );
  const { uncertain, bySim, ...stored } = await storeBatch(db, events, {
    replacing,
    again,
    known,
  });
  if (uncertain.length === 0) return stored;
  const { late, ...compared } = await compareWithFormer(db, uncertain, bySim);
  const all = joined(stored, compared);
  if (late.length === 0) return all;
  const accounts = new Map([...bySim].map(([sim, { accountId }]) => [sim, accountId]));
  return joined(all, await storeBatch(db, late, { replacing, again, compared: accounts }));
}

/**
 * Compares events with all accounts that have or had their SIM. A repeat of such an account counts for nobody else, and a
 * correction of a record that only a former holder has is made there. `late` are the others whose SIM an account has.
 */
async function compareWithFormer(
  db: Db,
  events: readonly Event[],
  bySim: ReadonlyMap<string, Owner>,
): Promise<Stored & { late: Event[] }> {
  const owners = new Map<Event, Owner>();
  const outcomes = new Map<Event, Outcome>();
  const known = await findKnown(db, events);
  noteRepeats({ owners, outcomes }, known, bySim);
  const former = await correctionsOfFormer(
    db,
    events.filter((event) => !known.has(event)),
  );
  for (const { event, accountId } of former) owners.set(event, ownerFor(accountId, undefined));
  if (former.length > 0)
    for (const [event, outcome] of await correct(db, former)) outcomes.set(event, outcome);
  const left = events.filter((event) => !owners.has(event));
  for (const event of left) outcomes.set(event, aside("sim_not_found"));
  const late = left.filter((event) => bySim.has(event.sim_id));
  return { owners, outcomes, subscribers: [], late };
}

function joined(one: Stored, other: Stored): Stored {
  const subscribers = [...one.subscribers, ...other.subscribers].map(
    (webhook) => [webhook.id, webhook] as const,
  );
  return {
    owners: new Map([...one.owners, ...other.owners]),
    outcomes: new Map([...one.outcomes, ...other.outcomes]),
    subscribers: [...new Map(subscribers).values()],
  };
}
