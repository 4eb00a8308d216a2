import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import { type Mend, mendRecords } from "./correct-records";
import { bytesOf } from "../../platform/text";
import { recordKey } from "../../db/record-key";
import {
  type Event,
  eventId,
  idByContent,
  identityOf,
  type UsageEvent,
} from "../../events/schemas";
import { contentOf } from "../../events/content";
import { type Asked, inOrder, placeOf } from "./correction-rounds";
import { usageEntry } from "../../events/entries";
import { aside, type Outcome, type Owned } from "./outcome";
import { replaceInLog } from "./replace-in-log";
import { readEntry } from "../../events/from-row";

/** Corrections that one batch makes. */
const A_ROUND = 300;
/** Bytes of them: D1 takes 2 MB as one parameter. */
const BYTES_A_ROUND = 1_500_000;
/** Rounds before the message is tried again for the rest. */
const MOST_ROUNDS = 20;

/**
 * Makes corrections (events of `operation: "correct"`) and replacements (any others: each takes the place of the event
 * with its identity). Throws where a record has more of them at once than {@link MOST_ROUNDS}: the next try goes on.
 */
export async function correct(db: Db, owned: readonly Owned[]): Promise<Map<Event, Outcome>> {
  const network = owned.filter(({ event }) => event.type !== "usage");
  const outcomes = new Map(network.length === 0 ? [] : await replaceInLog(db, network));
  let left = inOrder(
    await Promise.all(
      owned.flatMap(({ event, accountId }) =>
        event.type === "usage" ? ask(event, accountId) : [],
      ),
    ),
  );
  for (let round = 0; left.length > 0; round += 1) {
    if (round === MOST_ROUNDS) throw new Error("too many corrections of one record at once");
    const made = await makeRound(db, left);
    for (const [event, outcome] of made) outcomes.set(event, outcome);
    left = left.filter(({ event }) => !outcomes.has(event));
  }
  return outcomes;
}

async function ask(event: UsageEvent, accountId: string): Promise<Asked> {
  const { time, bill_id, operation, replaces } = event;
  const decidedId = await idByContent(event);
  const asked = { event, accountId, decidedId };
  if (replaces !== undefined)
    return { ...asked, id: await eventId(event), record: [0, "", "", replaces], replaces };
  const record: Asked["record"] = [time, bill_id, operation, recordKey(event)];
  return { ...asked, id: decidedId, record, replaces: null };
}

interface FoundRecord {
  n: number;
  run: number;
  event: string;
}

/** Makes the first correction of each record; one without an outcome waits for the next round. */
async function makeRound(db: Db, round: readonly Asked[]): Promise<Map<Event, Outcome>> {
  const asked = sql`json_each(${JSON.stringify(
    round.map(({ event, accountId, id, decidedId, record, replaces }, n) => ({
      n,
      account_id: accountId,
      sim_id: event.sim_id,
      id,
      decided_id: decidedId,
      replaces,
      record: JSON.stringify(record),
    })),
  )})`;
  const [made, taken, records] = await db.batch([
    statement<{ n: number; content: string; event: string }>(
      db,
      sql`SELECT value ->> 'n' AS n, content, event FROM ${asked} CROSS JOIN usage_corrections AS made
        ON made.account_id = value ->> 'account_id' AND made.id IN (value ->> 'id', value ->> 'decided_id')
          AND made.sim_id = value ->> 'sim_id'`,
    ),
    statement<{ n: number; event: string }>(
      db,
      sql`SELECT value ->> 'n' AS n, ${usageEntry("usage_records")} AS event FROM ${asked} CROSS JOIN usage_records
        ON account_id = value ->> 'account_id' AND usage_records.id = value ->> 'id' AND usage_records.id >= '!'
          AND usage_records.sim_id = value ->> 'sim_id'`,
    ),
    statement<FoundRecord>(
      db,
      sql`
      WITH pointer AS MATERIALIZED (
        SELECT value ->> 'n' AS n, value ->> 'account_id' AS account, value ->> 'sim_id' AS sim,
          coalesce((
            SELECT record FROM usage_corrections AS earlier
            WHERE earlier.account_id = value ->> 'account_id' AND earlier.id = value ->> 'replaces'
              AND earlier.sim_id = value ->> 'sim_id'), value ->> 'record') AS record
        FROM ${asked})
      SELECT n, ${RECORD} FROM pointer CROSS JOIN usage_records
        ON account_id = account AND usage_records.id = record ->> 3 AND sim_id = sim AND usage_records.id >= '!'
      UNION ALL
      SELECT n, ${RECORD} FROM pointer CROSS JOIN usage_records
        ON account_id = account AND minute = (record ->> 0) / 60000 AND sim_id = sim AND time = record ->> 0
          AND bill_id = record ->> 1 AND operation = record ->> 2 AND usage_records.id = record ->> 3
      WHERE record ->> 3 < '!'`,
    ),
  ]);
  const outcomes = new Map<Event, Outcome>();
  const changing = new Set<string>();
  /** The records of those that have no outcome yet, by the ids of these. */
  const pending = new Map<string, string>();
  const mends: { event: UsageEvent; mend: Mend }[] = [];
  let bytes = 0;
  for (const [n, one] of round.entries()) {
    const { event, id, replaces } = one;
    const content = contentOf(event);
    const earlier = made.filter((row) => row.n === n);
    const repeated = earlier.find((row) => row.content === content);
    const other = [...earlier, ...taken].find((row) => row.n === n);
    const old = records.find((row) => row.n === n);
    const record = old?.event ?? pending.get(placeOf(event, replaces ?? ""));
    if (repeated) outcomes.set(event, { kind: "repeat", told: readEntry(repeated.event) });
    else if (other && replaces !== null)
      outcomes.set(event, aside("id_conflict", readEntry(other.event)));
    // The operator decided it before, as another.
    else if (other) outcomes.set(event, { kind: "repeat", told: readEntry(other.event) });
    else if (record === undefined) outcomes.set(event, aside("replaces_not_found"));
    // Another content of its id goes first.
    else if (!pending.has(placeOf(event, id))) {
      pending.set(placeOf(event, id), record);
      if (old && !changing.has(record) && mends.length < A_ROUND && bytes < BYTES_A_ROUND) {
        const mend = await mendOf(one, old);
        mends.push({ event, mend });
        bytes += bytesOf(JSON.stringify(mend));
      }
      changing.add(record);
    }
  }
  if (mends.length === 0) return outcomes;
  const done = await mendRecords(
    db,
    mends.map(({ mend }) => mend),
  );
  // A record that another run changed meanwhile is read once more in the next round.
  for (const { event, mend } of mends)
    if (done.has(`${mend.sim_id} ${mend.id}`))
      outcomes.set(event, { kind: "fresh", told: mend.told });
  return outcomes;
}

async function mendOf(
  { event, accountId, id, replaces }: Asked,
  found: FoundRecord,
): Promise<Mend> {
  const before = readEntry(found.event);
  if (before.type !== "usage") throw new Error("a usage record is of another type");
  const said = { ...detailsBefore(before, event), ...event };
  const { replaces: named, ...record } = said;
  void named;
  const after: UsageEvent =
    replaces === null
      ? event
      : { ...record, operation: before.operation, ...identityFields(before) };
  return {
    account_id: accountId,
    sim_id: event.sim_id,
    id,
    content: contentOf(event),
    before,
    run: found.run,
    replacement: replaces === null,
    settled: { identity: identityOf(before), content: contentOf(before) },
    after,
    told: { ...said, id, operation: "correct", replaces: replaces ?? (await eventId(before)) },
  };
}

/** A correction that leaves out a detail leaves it as it was; a network goes with its country. */
function detailsBefore(before: UsageEvent, { country_code }: UsageEvent) {
  const { network_type, network, location, status, reason, session_id } = before;
  const there = before.country_code === country_code ? { network, location } : {};
  const known = { network_type, status, reason, session_id, ...there };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** What a correction cannot change, since it identifies the record. */
function identityFields({ id, time, bill_id, session_id }: UsageEvent) {
  return id === undefined ? { id, time, bill_id, session_id } : { id };
}

const RECORD = sql`run, ${usageEntry("usage_records")} AS event`;
