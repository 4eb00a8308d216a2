import { and, eq, inArray, sql } from "drizzle-orm";
import { type Db, listed } from "../../db/client";
import { sims, webhooks } from "../../db/tables";
import { type Event, isCorrection, type NetworkEvent, type UsageEvent } from "../../events/schemas";
import { appendToFeed } from "../feed/append";
import { FACTS } from "../sim-summary";
import { compare, findStored, type Known } from "./compare";
import { correct } from "./correct";
import { insertNetworkLog, networkInsertedBy } from "./network-log";
import type { Outcome, Owned } from "./outcome";
import { type Owner, ownerFor, type Subscriber } from "./owners";
import { randomRun } from "./run";
import { keepLive } from "./store-presence";
import { firstTimesOf, fromFormerUntil, fromWhereSameAccount } from "./stored-from";
import {
  addToAccountDays,
  addToAccountHours,
  addToDays,
  addToLaterDays,
  insertUsage,
  usageInsertedBy,
} from "./usage-rollups";

export interface Stored {
  /** The SIMs of events, as those have them that the events are stored for. */
  owners: Map<Event, Owner>;
  outcomes: Map<Event, Outcome>;
  /** The active webhooks of those accounts. */
  subscribers: Subscriber[];
}

interface StoredBatch extends Stored {
  /** Events that are stored for nobody yet: a former holder of their SIM may have them, or no account has it. */
  uncertain: Event[];
  /** The SIMs of all events that an account has, by their ids. */
  bySim: ReadonlyMap<string, Owner>;
}

interface BatchOptions {
  /** Events that take the place of those with the same identity. */
  replacing: ReadonlySet<Event>;
  /** Some were perhaps stored by a try before: what is stored is read in the same batch. */
  again: boolean;
  /** Events that are not stored, since they are repeats. */
  known?: ReadonlyMap<Event, Known>;
  /** No former holder of their SIMs has the events: the accounts that had the SIMs when this was read, by SIM. */
  compared?: ReadonlyMap<string, string>;
}

/**
 * Stores events in one D1 batch, each once however often it comes, with the totals that follow from it. If some of them
 * are not new, the stored events are read in their place, by a batch of its own unless that was to be expected.
 * Corrections take more batches. Throws if a SIM of `compared` is another account's by now.
 */
export async function storeBatch(
  db: Db,
  events: readonly Event[],
  { replacing, known = new Map(), again, compared }: BatchOptions,
): Promise<StoredBatch> {
  const run = randomRun();
  const plain = events.filter(
    (event) => !isCorrection(event) && !replacing.has(event) && !known.has(event),
  );
  const usage = plain.filter((event): event is UsageEvent => event.type === "usage");
  const network = plain.filter((event): event is NetworkEvent => event.type !== "usage");
  const theirSims = listed([...new Set(events.map((event) => event.sim_id))]);
  const former =
    again || events.some(isCorrection)
      ? sql`UNION SELECT account_id FROM former_holders WHERE sim_id IN ${theirSims}`
      : sql``;
  const theirAccounts = sql`(SELECT account_id FROM sims WHERE id IN ${theirSims} ${former})`;
  const firstTimes = compared ? new Map<string, number>() : firstTimesOf(events);
  const storedFrom = compared
    ? fromWhereSameAccount(compared)
    : fromFormerUntil(events, firstTimes);
  const isFromThen = sql`value ->> 'time' >= ${storedFrom}`;
  // Most SIMs have no former holder: their events' JSON is not read for it.
  const mayStore = compared ? isFromThen : sql`(sims.former_until = 0 OR ${isFromThen})`;

  const inserted = usageInsertedBy(run, usage);
  const [presence, sessions, place, usageToSortBy] = keepLive(
    db,
    plain,
    sql`max(sims.visible_from, ${storedFrom})`,
  );
  const [records, entries, , , , , , , , , , rows, subscribers, found] = await db.batch([
    insertUsage(db, usage, run, mayStore),
    insertNetworkLog(db, network, run, mayStore),
    addToDays(db, inserted),
    addToLaterDays(db, inserted),
    addToAccountDays(db, inserted),
    addToAccountHours(db, inserted),
    presence,
    sessions,
    place,
    usageToSortBy,
    appendToFeed(db, inserted, networkInsertedBy(run, network)),
    db
      .select({
        id: sims.id,
        accountId: sims.accountId,
        tags: sims.tags,
        visibleFrom: sims.visibleFrom,
        formerUntil: sims.formerUntil,
        ...FACTS,
      })
      .from(sims)
      .where(inArray(sims.id, theirSims)),
    db
      .select({
        id: webhooks.id,
        accountId: webhooks.accountId,
        excludeTypes: webhooks.excludeTypes,
        tags: webhooks.tags,
        payload: webhooks.payload,
        lane: webhooks.lane,
      })
      .from(webhooks)
      .where(and(eq(webhooks.active, true), inArray(webhooks.accountId, theirAccounts))),
    findStored(db, again ? plain : []),
  ]);
  const bySim = new Map(rows.map(({ id, ...owner }) => [id, owner]));
  const isCertain = (sim: string, { accountId, formerUntil }: Owner) =>
    compared ? accountId === compared.get(sim) : (firstTimes.get(sim) ?? 0) >= formerUntil;
  const owners = new Map(
    events.flatMap((event): [Event, Owner][] => {
      const owner = bySim.get(event.sim_id);
      return owner && isCertain(event.sim_id, owner) ? [[event, owner]] : [];
    }),
  );
  // The next try compares with the account that had the SIM.
  if (compared && owners.size < events.length) throw new Error("a SIM changed hands meanwhile");
  const outcomes = new Map<Event, Outcome>();
  noteRepeats({ owners, outcomes }, known, bySim);
  const certain = plain.filter((event) => owners.has(event));
  const isAllFresh = records.meta.changes + entries.meta.changes === certain.length;
  if (isAllFresh) for (const event of certain) outcomes.set(event, { kind: "fresh", told: event });
  else {
    const isRead = again && certain.length === plain.length;
    // The SIM may be deleted meanwhile: its account is known.
    const accountOf = (event: Event) => owners.get(event)?.accountId;
    const stored = isRead ? found : await findStored(db, certain, accountOf);
    for (const [event, outcome] of compare(certain, stored, run)) outcomes.set(event, outcome);
  }
  const rest = events.flatMap((event): Owned[] => {
    const owner = outcomes.has(event) ? undefined : owners.get(event);
    return owner ? [{ event, accountId: owner.accountId }] : [];
  });
  if (rest.length > 0)
    for (const [event, outcome] of await correct(db, rest)) outcomes.set(event, outcome);
  const uncertain = events.filter((event) => !owners.has(event));
  return { owners, outcomes, subscribers, uncertain, bySim };
}

/** Notes that events are repeats of events that accounts have. */
export function noteRepeats(
  { owners, outcomes }: Pick<Stored, "owners" | "outcomes">,
  known: ReadonlyMap<Event, Known>,
  bySim: ReadonlyMap<string, Owner>,
): void {
  for (const [event, { accountId, told }] of known) {
    owners.set(event, ownerFor(accountId, bySim.get(event.sim_id)));
    outcomes.set(event, { kind: "repeat", told });
  }
}
