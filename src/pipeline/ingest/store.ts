import { and, eq, inArray, sql } from "drizzle-orm";
import { type Db, listed } from "../../db/client";
import { sims, webhooks } from "../../db/tables";
import type { Lane } from "../../db/tables/types";
import { FACTS, UNKNOWN } from "../sim-summary";
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
import { compare, findFormer, findStored, type Former } from "./compare";
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
  /** What happened before may be a repeat of what a former holder has, ms. */
  formerUntil: number;
}

export interface Stored {
  /** The SIMs of events, as those have them that the events are stored for. */
  owners: Map<Event, Owner>;
  outcomes: Map<Event, Outcome>;
  /** The active webhooks of those accounts. */
  subscribers: Subscriber[];
}

interface StoreOptions {
  /** Events that take the place of those with the same identity. */
  replacing?: ReadonlySet<Event>;
  /** Some were perhaps stored by a try before: what is stored is read in the same batch. */
  again?: boolean;
  /** No former holder of their SIMs has them. */
  compared?: boolean;
}

/**
 * Stores events in one D1 batch, each once however often it comes, with the totals that follow from it. Where some were
 * not new it is read what is stored in their place, by a batch of its own unless that was to be expected; corrections
 * take more batches.
 */
export async function storeEvents(
  db: Db,
  events: readonly Event[],
  { replacing = new Set(), again = false, compared = false }: StoreOptions = {},
): Promise<Stored> {
  const run = randomRun();
  const plain = events.filter((event) => !isCorrection(event) && !replacing.has(event));
  const usage = plain.filter((event): event is UsageEvent => event.type === "usage");
  const network = plain.filter((event): event is NetworkEvent => event.type !== "usage");
  const theirSims = listed([...new Set(events.map((event) => event.sim_id))]);
  const former = again
    ? sql`UNION SELECT account_id FROM former_holders WHERE sim_id IN ${theirSims}`
    : sql``;
  const theirAccounts = sql`(SELECT account_id FROM sims WHERE id IN ${theirSims} ${former})`;
  const mayStore = compared ? sql`true` : sql`value ->> 'time' >= sims.former_until`;

  const inserted = usageInsertedBy(run, usage);
  const [presence, sessions, place, usageToSortBy] = keepLive(
    db,
    plain,
    compared ? sql`sims.visible_from` : sql`max(sims.visible_from, sims.former_until)`,
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
  const owners = new Map(
    events.flatMap((event): [Event, Owner][] => {
      const owner = bySim.get(event.sim_id);
      return owner && (compared || event.time >= owner.formerUntil) ? [[event, owner]] : [];
    }),
  );
  const outcomes = new Map<Event, Outcome>();
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
  const stored = { owners, outcomes, subscribers };
  if (uncertain.length === 0) return stored;
  const isHeld = ({ sim_id }: Event) => bySim.has(sim_id);
  return joined(
    stored,
    await storeUncertain(db, uncertain, isHeld, { replacing, again, compared }),
  );
}

/**
 * Finds out of events whose SIM no account has, or has since a short time, which are repeats of what a former holder has:
 * they count for nobody else. The others are stored for those who have their SIMs.
 */
async function storeUncertain(
  db: Db,
  events: readonly Event[],
  isHeld: (event: Event) => boolean,
  options: StoreOptions,
): Promise<Stored> {
  const former = options.compared ? new Map<Event, Former>() : await findFormer(db, events);
  const owners = new Map<Event, Owner>();
  const outcomes = new Map<Event, Outcome>();
  for (const [event, { accountId, told }] of former) {
    owners.set(event, { ...UNKNOWN, accountId, tags: [], visibleFrom: 0, formerUntil: 0 });
    outcomes.set(event, { kind: "repeat", told });
  }
  const left = events.filter((event) => !former.has(event));
  const late = left.filter((event) => !options.compared && isHeld(event));
  for (const event of left) outcomes.set(event, aside("sim_not_found"));
  const stored = { owners, outcomes, subscribers: [] };
  if (late.length === 0) return stored;
  return joined(stored, await storeEvents(db, late, { ...options, compared: true }));
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
