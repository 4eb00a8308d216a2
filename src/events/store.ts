import { and, eq, inArray, sql } from "drizzle-orm";
import { type Db, listed } from "../db/client";
import { sims, webhooks } from "../db/tables";
import type { Lane } from "../webhooks/health";
import { FACTS } from "../sims/facts";
import { keepLive } from "../sims/keep-live";
import {
  addToAccountDays,
  addToAccountHours,
  addToDays,
  addToLaterDays,
  insertUsage,
  usageKeysOf,
} from "../usage/store";
import {
  type Event,
  type Identity,
  identityOf,
  type NetworkEvent,
  type UsageEvent,
} from "./catalogue";
import { appendToFeed } from "./feed";
import { insertNetworkLog, networkKeysOf } from "./network-log";
import type { Payload, SimFacts } from "./payload";
import { keepUnmatched } from "./unmatched";

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
  /** The identities of the events that were not there before; asks the database where some were. */
  fresh: () => Promise<Set<string>>;
  /** The active webhooks of those accounts. */
  subscribers: Subscriber[];
}

/**
 * Stores events in one D1 batch, each once however often it comes, with the totals that follow from it.
 * An event whose SIM no account has is kept as unmatched.
 */
export async function storeEvents(db: Db, events: readonly Event[]): Promise<Stored> {
  const run = randomRun();
  const usage = events.filter((event): event is UsageEvent => event.type === "usage");
  const network = events.filter((event): event is NetworkEvent => event.type !== "usage");
  const theirSims = listed([...new Set(events.map((event) => event.sim_id))]);
  const theirAccounts = sql`(SELECT account_id FROM sims WHERE id IN ${theirSims})`;

  const [presence, sessions, place, usageToSortBy] = keepLive(db, events);
  const [records, entries, , , , , , , , , , rows, subscribers] = await db.batch([
    insertUsage(db, usage, run),
    insertNetworkLog(db, network, run),
    addToDays(db, usage, run),
    addToLaterDays(db, usage, run),
    addToAccountDays(db, usage, run),
    addToAccountHours(db, usage, run),
    presence,
    sessions,
    place,
    usageToSortBy,
    appendToFeed(db, usage, network, run),
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
  ]);
  const owners = new Map(rows.map(({ id, ...owner }) => [id, owner]));
  await keepUnmatched(
    db,
    events.filter(({ sim_id }) => !owners.has(sim_id)),
  );
  const all = records.meta.changes + entries.meta.changes === events.length;
  const fresh = async () => (all ? events : await storedBy(db, usage, network, run));
  return { owners, fresh: async () => new Set((await fresh()).map(identityOf)), subscribers };
}

/** What `run` stored of these events. */
async function storedBy(
  db: Db,
  usage: readonly UsageEvent[],
  network: readonly NetworkEvent[],
  run: number,
): Promise<Identity[]> {
  const [records, entries] = await db.batch([
    usageKeysOf(db, usage, run),
    networkKeysOf(db, network, run),
  ]);
  return [
    ...records.map((row) => ({ ...row, type: "usage" as const, id: row.id || undefined })),
    ...entries.map((row) => ({ ...row, id: row.id || undefined })),
  ];
}

/** Tells one run's rows from every other's: 53 random bits. */
function randomRun(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
