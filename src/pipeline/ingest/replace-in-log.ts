import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { type Event, idByContent, identityOf, type NetworkEvent } from "../../events/schemas";
import { compare, findStored } from "./compare";
import { contentOf } from "../../events/content";
import { splitDetails } from "../../events/details";
import { appendEntries } from "../feed/append";
import { aside, type Outcome, type Owned } from "./outcome";
import { randomRun } from "./run";
import { settle } from "./settled-reports";

/** Rounds before the message is tried again for the rest. */
const MOST_ROUNDS = 20;

interface Replacement {
  event: NetworkEvent;
  accountId: string;
}

/**
 * Puts network events in the place of those of the log with the same identity, in rounds of two D1 batches. Throws where
 * one entry has more of them at once than {@link MOST_ROUNDS}: the next try goes on.
 */
export async function replaceInLog(db: Db, owned: readonly Owned[]): Promise<Map<Event, Outcome>> {
  const outcomes = new Map<Event, Outcome>();
  let left = owned.flatMap(({ event, accountId }) =>
    event.type === "usage" ? [] : [{ event, accountId }],
  );
  for (let round = 0; left.length > 0; round += 1) {
    if (round === MOST_ROUNDS) throw new Error("too many replacements of one entry at once");
    const made = await replaceEach(db, firstOfEachEntry(left));
    for (const [event, outcome] of made) outcomes.set(event, outcome);
    left = left.filter(({ event }) => !outcomes.has(event));
  }
  return outcomes;
}

function firstOfEachEntry(all: readonly Replacement[]): Replacement[] {
  const byEntry = Map.groupBy(all, ({ event }) => identityOf(event));
  return [...byEntry.values()].flatMap(([first]) => (first ? [first] : []));
}

/** An entry as it was read, and what takes its place. */
interface Change {
  event: NetworkEvent;
  accountId: string;
  before: NetworkEvent;
  /** Tells whether the entry is still as it was read. */
  run: number;
  told: NetworkEvent;
}

/** Replaces entries, no two of which are the same; one without an outcome was changed since it was read. */
async function replaceEach(
  db: Db,
  replacements: readonly Replacement[],
): Promise<Map<Event, Outcome>> {
  const changing = await Promise.all(
    replacements.map(async ({ event, accountId }) => {
      const told = { ...event, id: await idByContent(event) };
      return { event, accountId, told };
    }),
  );
  const events = changing.map(({ event }) => event);
  const all = [...events, ...changing.map(({ told }) => told)];
  const accounts = new Map<Event, string>(
    changing.flatMap(({ event, told, accountId }) => [
      [event, accountId],
      [told, accountId],
    ]),
  );
  const found = await findStored(db, all, (event) => accounts.get(event));
  const compared = compare(all, found, NO_RUN);
  const outcomes = new Map<Event, Outcome>();
  const changes: Change[] = [];
  for (const [n, { event, accountId, told }] of changing.entries()) {
    const another = compared.get(told);
    const standing = compared.get(event) ?? aside("replaces_not_found");
    const run = found.find((row) => row.n === n && row.kind === "stored")?.run;
    if (standing.kind !== "aside") outcomes.set(event, standing);
    // The operator decided it before, as another.
    else if (another?.kind === "repeat") outcomes.set(event, another);
    else if (!standing.stored || standing.stored.type === "usage" || typeof run !== "number")
      outcomes.set(event, aside("replaces_not_found"));
    else changes.push({ event, accountId, before: standing.stored, run, told });
  }
  if (changes.length === 0) return outcomes;
  for (const n of await change(db, changes)) {
    const made = changes[n];
    if (made) outcomes.set(made.event, { kind: "fresh", told: made.told });
  }
  return outcomes;
}

/** Of no run: no entry is new. */
const NO_RUN = -1;

/** Makes changes in one D1 batch, with the feed. Answers which were made, by their index. */
async function change(db: Db, changes: readonly Change[]): Promise<number[]> {
  const run = randomRun();
  const rows = sql`json_each(${JSON.stringify(changes.map(rowOf))})`;
  const isEntry = (of: "before" | "after") => sql`
    entry.account_id = value ->> 'account_id' AND entry.sim_id = ${field(of, "sim_id")} AND entry.time = ${field(of, "time")}
      AND entry.type = ${field(of, "type")} AND entry.imei = ${field(of, "imei")}
      AND entry.country_code = ${field(of, "country_code")} AND entry.id = ${field(of, "id")}`;
  const made = sql`${rows} CROSS JOIN network_log AS entry ON ${isEntry("after")} AND entry.run = ${run}`;
  const [, , , done] = await db.batch([
    statement(
      db,
      sql`
      UPDATE network_log AS entry SET time = ${field("after", "time")}, imei = ${field("after", "imei")},
        country_code = ${field("after", "country_code")}, country_code_previous = ${field("after", "country_code_previous")},
        details = ${field("after", "details")}, run = ${run}
      FROM ${rows} WHERE ${isEntry("before")} AND entry.run = value ->> 'run'`,
    ),
    settle(
      db,
      sql`
      SELECT entry.sim_id, value ->> 'identity', value ->> 'content', ${field("before", "time")}, NULL,
        entry.account_id
      FROM ${made}
      UNION ALL
      SELECT entry.sim_id, value ->> 'identity', value ->> 'said', entry.time, value ->> 'told_id',
        entry.account_id
      FROM ${made}`,
    ),
    appendEntries(
      db,
      sql`SELECT entry.account_id AS account_id, value ->> 'told' AS event FROM ${made}`,
    ),
    statement<{ n: number }>(db, sql`SELECT value ->> 'n' AS n FROM ${made}`),
  ]);
  return done.map(({ n }) => n);
}

function field(of: "before" | "after", name: string) {
  return sql`value ->> ${`$.${of}.${name}`}`;
}

function rowOf({ event, accountId, before, run, told }: Change, n: number) {
  return {
    n,
    account_id: accountId,
    run,
    identity: identityOf(before),
    content: contentOf(before),
    said: contentOf(event),
    told_id: told.id,
    before: entryOf(before),
    after: entryOf(event),
    told: JSON.stringify(splitDetails(told)),
  };
}

/** An event as its row has it. */
function entryOf(event: NetworkEvent) {
  const { id = "", imei, country_code } = event;
  return { ...splitDetails(event), id, imei: imei ?? "", country_code: country_code ?? "" };
}
