import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
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
import { compare, findFormerRecords, findKnown, findStored, type Known } from "./compare";
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
  /** The reports of events that the operator counts beside others: one whose report is known is a repeat. */
  decided?: ReadonlyMap<Event, Event>;
  /** Some were perhaps stored by a try before: what is stored is read in the same batch. */
  again?: boolean;
  /** No former holder of their SIMs has them: the accounts that had the SIMs when this was read, by SIM. */
  compared?: ReadonlyMap<string, string>;
}

/**
 * Stores events in one D1 batch, each once however often it comes, with the totals that follow from it. Where some were
 * not new it is read what is stored in their place, by a batch of its own unless that was to be expected; corrections
 * take more batches.
 */
export async function storeEvents(
  db: Db,
  events: readonly Event[],
  { replacing = new Set(), decided = new Map(), again = false, compared }: StoreOptions = {},
): Promise<Stored> {
  const run = randomRun();
  const knownReports = await findKnown(db, [...decided.values()]);
  const known = new Map(
    [...decided].flatMap(([event, report]): [Event, Known][] => {
      const one = knownReports.get(report);
      return one ? [[event, one]] : [];
    }),
  );
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
  const mayStore = sql`value ->> 'time' >= ${storedFrom}`;

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
  for (const [event, { accountId, told }] of known) {
    owners.set(event, ownerFor(accountId, bySim.get(event.sim_id)));
    outcomes.set(event, { kind: "repeat", told });
  }
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
  return joined(stored, await storeUncertain(db, uncertain, bySim, { replacing, again }));
}

/** The SIM as the account has it, or had it: `holder` is the SIM of the account that has it now. */
function ownerFor(accountId: string, holder: Owner | undefined): Owner {
  if (holder?.accountId === accountId) return holder;
  return { ...UNKNOWN, accountId, tags: [], visibleFrom: 0, formerUntil: 0 };
}

/** The time (ms) of the first event of each SIM. */
function firstTimesOf(events: readonly Event[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { sim_id, time } of events)
    first.set(sim_id, Math.min(time, first.get(sim_id) ?? Infinity));
  return first;
}

/** Later than any event, ms. */
const NEVER = sql.raw(String(Number.MAX_SAFE_INTEGER));

/**
 * From when on (ms, a SQL term) events of a SIM are stored at once. If one of them waits for the comparison with former
 * holders, all of the SIM wait: a correction needs its record, and the newest event tells the presence of the SIM.
 */
function fromFormerUntil(events: readonly Event[], firstTimes: ReadonlyMap<string, number>): SQL {
  const several = events.flatMap(({ sim_id, time }) => {
    const first = firstTimes.get(sim_id);
    return first === undefined || first === time ? [] : [[sim_id, first] as const];
  });
  return sql`CASE WHEN sims.former_until > 0 AND sims.former_until > ${ofSim(several)} THEN ${NEVER} ELSE sims.former_until END`;
}

/** The same of events that were compared: at any time, as long as the SIM's account is the one that was read. */
function fromWhereSameAccount(accounts: ReadonlyMap<string, string>): SQL {
  return sql`CASE WHEN sims.account_id = ${ofSim(accounts)} THEN 0 ELSE ${NEVER} END`;
}

/** The value that belongs to the row of `sims`; null: none. */
function ofSim(values: Iterable<readonly [string, unknown]>): SQL {
  return sql`${JSON.stringify(Object.fromEntries(values))} ->> ('$."' || sims.id || '"')`;
}

/**
 * Finds out of events whose SIM no account has, or has since a short time, which are repeats of what an account has that
 * has the SIM or had it: they count for nobody else. A correction of a record that only a former holder has is made there. The others are
 * stored for those who have their SIMs.
 */
async function storeUncertain(
  db: Db,
  events: readonly Event[],
  bySim: ReadonlyMap<string, Owner>,
  options: StoreOptions,
): Promise<Stored> {
  const known = await findKnown(db, events);
  const owners = new Map<Event, Owner>();
  const outcomes = new Map<Event, Outcome>();
  for (const [event, { accountId, told }] of known) {
    owners.set(event, ownerFor(accountId, bySim.get(event.sim_id)));
    outcomes.set(event, { kind: "repeat", told });
  }
  const former = await correctionsOfFormer(
    db,
    events.filter((event) => !known.has(event)),
  );
  for (const { event, accountId } of former) owners.set(event, ownerFor(accountId, undefined));
  if (former.length > 0)
    for (const [event, outcome] of await correct(db, former)) outcomes.set(event, outcome);
  const left = events.filter((event) => !owners.has(event));
  const late = left.filter((event) => bySim.has(event.sim_id));
  for (const event of left) outcomes.set(event, aside("sim_not_found"));
  const stored = { owners, outcomes, subscribers: [] };
  if (late.length === 0) return stored;
  const compared = new Map([...bySim].map(([sim, { accountId }]) => [sim, accountId]));
  return joined(stored, await storeEvents(db, late, { ...options, compared }));
}

/** Corrections that are made for former holders: of their records, and of such corrections. */
async function correctionsOfFormer(db: Db, events: readonly Event[]): Promise<Owned[]> {
  const corrections = events.filter(isCorrection);
  const reported = new Set(events.filter((event) => !isCorrection(event)).map(placeOf));
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
      if (event.id !== undefined) places.set(placeOf(event), accountId);
      return false;
    });
  }
  return made;
}

/** Where a correction of this SIM can be named. */
function placeOf({ sim_id, id = "" }: Event): string {
  return `${sim_id} ${id}`;
}

function placeReplacedBy(event: Event): string {
  return `${event.sim_id} ${(event.type === "usage" && event.replaces) || ""}`;
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
