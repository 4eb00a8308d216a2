import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { type Event, idByContent, identityOf, type NetworkEvent } from "../../events/schemas";
import { compare, findStored } from "./compare";
import type { Owned } from "./correct";
import { splitDetails } from "../../events/details";
import { appendEntries } from "../feed/append";
import { insertNetworkLog } from "./network-log";
import { aside, type Outcome } from "./outcome";
import { randomRun } from "./run";
import { settleReports } from "./settled-reports";

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

/** Replaces entries, no two of which are the same. */
async function replaceEach(
  db: Db,
  replacements: readonly Replacement[],
): Promise<Map<Event, Outcome>> {
  const run = randomRun();
  const events = replacements.map(({ event }) => event);
  const compared = compare(events, await findStored(db, events), run);
  const outcomes = new Map<Event, Outcome>();
  const made: { event: NetworkEvent; replaced: NetworkEvent; row: object }[] = [];
  for (const { event, accountId } of replacements) {
    const told = { ...event, id: await idByContent(event) };
    const standing = compared.get(event) ?? aside("replaces_not_found");
    if (standing.kind !== "aside") outcomes.set(event, { kind: "repeat", told });
    else if (!standing.stored || standing.stored.type === "usage")
      outcomes.set(event, aside("replaces_not_found"));
    else {
      const { sim_id, time, type, imei, country_code, id } = standing.stored;
      const entry = JSON.stringify(splitDetails(told));
      const row = { account_id: accountId, sim_id, time, type, imei, country_code, id, entry };
      made.push({ event, replaced: standing.stored, row });
      outcomes.set(event, { kind: "fresh", told });
    }
  }
  if (made.length === 0) return outcomes;
  const rows = sql`json_each(${JSON.stringify(made.map(({ row }) => row))})`;
  await db.batch([
    settleReports(
      db,
      made.map(({ replaced }) => ({ event: replaced })),
    ),
    statement(
      db,
      sql`
      DELETE FROM network_log WHERE (account_id, sim_id, time, type, imei, country_code, id) IN (
        SELECT value ->> 'account_id', value ->> 'sim_id', value ->> 'time', value ->> 'type',
          coalesce(value ->> 'imei', ''), coalesce(value ->> 'country_code', ''), coalesce(value ->> 'id', '')
        FROM ${rows})`,
    ),
    insertNetworkLog(
      db,
      made.map(({ event }) => event),
      run,
    ),
    appendEntries(
      db,
      sql`SELECT value ->> 'account_id' AS account_id, value ->> 'entry' AS event FROM ${rows}`,
    ),
  ]);
  return outcomes;
}
