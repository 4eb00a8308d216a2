import { and, eq, inArray, sql } from "drizzle-orm";
import { type Db, listed } from "../../db/client";
import { sims, webhooks } from "../../db/tables";
import type { Lane } from "../../db/tables/types";
import { FACTS } from "../sim-summary";
import { keepLive } from "./store-presence";
import {
  addToAccountDays,
  addToAccountHours,
  addToDays,
  addToLaterDays,
  insertUsage,
  usageInsertedBy,
} from "./usage-rollups";
import { type Event, isCorrection, type NetworkEvent, type UsageEvent } from "../../events/schemas";
import { compare, findStored } from "./compare";
import { correct } from "./correct";
import { appendToFeed } from "../feed/append";
import { insertNetworkLog, networkInsertedBy } from "./network-log";
import type { Payload, SimFacts } from "../../events/payload";
import { aside, type Outcome, type Owned } from "./outcome";
import { randomRun } from "./run";

/** An account's webhook, as far as it decides what it is sent. */
export interface Subscriber {
  id: string;
  accountId: string;
  /** The types that it does not want, by either of their names. */
  excludeTypes: string[];
  /** Only events of SIMs that carry one of them; none: of all. */
  tags: string[];
  payload: Payload;
  lane: Lane;
}

/** An event's SIM, as far as it decides what is sent of the event, and to whom. */
export interface Owner extends SimFacts {
  accountId: string;
  tags: string[];
  /** What happened before is not for webhooks with tags, ms. */
  visibleFrom: number;
}

export interface Stored {
  /** By their ids, the events' SIMs that an account has. */
  owners: Map<string, Owner>;
  outcomes: Map<Event, Outcome>;
  /** The active webhooks of those accounts. */
  subscribers: Subscriber[];
}

interface StoreOptions {
  /** Events that take the place of those with the same identity. */
  replacing?: ReadonlySet<Event>;
  /** Some were perhaps stored by a try before: what is stored is read in the same batch. */
  again?: boolean;
}

/**
 * Stores events in one D1 batch, each once however often it comes, with the totals that follow from it. Where some were
 * not new it is read what is stored in their place, by a batch of its own unless that was to be expected; corrections
 * take more batches.
 */
export async function storeEvents(
  db: Db,
  events: readonly Event[],
  { replacing = new Set(), again = false }: StoreOptions = {},
): Promise<Stored> {
  const run = randomRun();
  const plain = events.filter((event) => !isCorrection(event) && !replacing.has(event));
  const usage = plain.filter((event): event is UsageEvent => event.type === "usage");
  const network = plain.filter((event): event is NetworkEvent => event.type !== "usage");
  const theirSims = listed([...new Set(events.map((event) => event.sim_id))]);
  const theirAccounts = sql`(SELECT account_id FROM sims WHERE id IN ${theirSims})`;

  const inserted = usageInsertedBy(run, usage);
  const [presence, sessions, place, usageToSortBy] = keepLive(db, plain);
  const [records, entries, , , , , , , , , , rows, subscribers, found] = await db.batch([
    insertUsage(db, usage, run),
    insertNetworkLog(db, network, run),
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
  const owners = new Map(rows.map(({ id, ...owner }) => [id, owner]));
  const isAllFresh = records.meta.changes + entries.meta.changes === plain.length;
  const { owned, unknown } = byOwner(events, owners);
  const outcomes = new Map(unknown);
  if (isAllFresh) for (const event of plain) outcomes.set(event, { kind: "fresh", told: event });
  else {
    // The SIM may be deleted meanwhile: its account is known.
    const accountOf = ({ sim_id }: Event) => owners.get(sim_id)?.accountId;
    const stored = again ? found : await findStored(db, plain, accountOf);
    for (const [event, outcome] of compare(plain, stored, run))
      if (!outcomes.has(event)) outcomes.set(event, outcome);
  }
  const rest = owned.filter(({ event }) => !outcomes.has(event));
  if (rest.length > 0)
    for (const [event, outcome] of await correct(db, rest)) outcomes.set(event, outcome);
  return { owners, outcomes, subscribers };
}

/** The events whose SIM an account has; the others are kept aside. */
function byOwner(events: readonly Event[], owners: ReadonlyMap<string, Owner>) {
  const unknown = new Map<Event, Outcome>();
  const owned = events.flatMap((event): Owned[] => {
    const owner = owners.get(event.sim_id);
    if (!owner) unknown.set(event, aside("sim_not_found"));
    return owner ? [{ event, accountId: owner.accountId }] : [];
  });
  return { owned, unknown };
}
