import { type SQL, sql } from "drizzle-orm";
import { type Db, NOTHING, statement } from "../../db/client";
import { recordKey } from "../../db/record-key";
import { minuteOf } from "./usage-rollups";
import { type Event, eventId, identityOf, isCorrection } from "../../events/schemas";
import { contentOf } from "../../events/content";
import { splitDetails } from "../../events/details";
import { networkEntry, usageEntry } from "../../events/entries";
import { aside, type Outcome } from "./outcome";
import { readEntry } from "../../events/from-row";

/** What there is under the identity of the event `n`: a record or an entry, or a report that counts as a repeat. */
export interface FoundStored {
  n: number;
  account_id: string;
  kind: "stored" | "correction" | "settled";
  run: number | null;
  /** All that the report said; null: what `event` says. */
  content: string | null;
  /** As an entry of the feed; null of a settled report that was stored as an event of its own. */
  event: string | null;
  /** Of a settled report: the public id under which it was stored, where that is not the report's own. */
  stored_as: string | null;
}

/**
 * Finds what is stored under the identities of events, for {@link compare}; without `events` nothing. `accountOf` names
 * the account that an event was stored for, where that is known; else it is the one that has the SIM.
 */
export function findStored(
  db: Db,
  events: readonly Event[],
  accountOf: (event: Event) => string | undefined = () => undefined,
) {
  return find(
    db,
    events.map((event) => ({ ...event, account_id: accountOf(event) ?? null })),
    HOLDERS,
  );
}

/** Rows of what is asked, each with the account that has its SIM, where none is named. */
const HOLDERS = (rows: SQL) => sql`
  SELECT value, value ->> 'sim_id' AS sim_id, coalesce(
    value ->> 'account_id', (SELECT account_id FROM sims WHERE sims.id = value ->> 'sim_id')) AS account_id
  FROM ${rows}`;

/** The same with each account that has its SIM or had it. */
const ALL_HOLDERS = (rows: SQL) => sql`
  SELECT one.value AS value, one.value ->> 'sim_id' AS sim_id, holder.value AS account_id
  FROM ${rows} AS one CROSS JOIN json_each((
    SELECT json_group_array(account_id) FROM (
      SELECT account_id FROM former_holders WHERE sim_id = one.value ->> 'sim_id'
      UNION SELECT account_id FROM sims WHERE id = one.value ->> 'sim_id'))) AS holder`;

/** An event that is stored, or that counts as a repeat, and the account that has it. */
export interface Known {
  accountId: string;
  told: Event;
}

/** Finds which of these events are repeats of what an account has that has their SIMs or had them. */
export async function findKnown(db: Db, events: readonly Event[]): Promise<Map<Event, Known>> {
  if (events.length === 0) return new Map();
  const named = await Promise.all(
    events.map(async (event) =>
      isCorrection(event) ? { ...event, id: await eventId(event) } : event,
    ),
  );
  const found = Map.groupBy(await find(db, named, ALL_HOLDERS), ({ n }) => n);
  return new Map(
    events.flatMap((event, n): [Event, Known][] => {
      const repeat = repeatOf(event, found.get(n) ?? []);
      return repeat ? [[event, { accountId: repeat.account_id, told: repeat.told }]] : [];
    }),
  );
}

/**
 * Finds corrections whose record (or the correction that they name) one former holder of their SIMs has, and the account that has
 * the SIM now has not. Answers the account of each.
 */
export async function findFormerRecords(
  db: Db,
  corrections: readonly Event[],
): Promise<Map<Event, string>> {
  if (corrections.length === 0) return new Map();
  const rows = corrections.map((event, n) => ({
    n,
    sim_id: event.sim_id,
    replaces: event.type === "usage" ? event.replaces : undefined,
  }));
  const holders = await statement<{ n: number; account_id: string; is_former: number }>(
    db,
    sql`
    SELECT value ->> 'n' AS n, account_id,
      account_id IS NOT (SELECT account_id FROM sims WHERE sims.id = asked.sim_id) AS is_former
    FROM (${ALL_HOLDERS(sql`json_each(${JSON.stringify(rows)})`)}) AS asked
    WHERE EXISTS (
      SELECT 1 FROM usage_records AS stored WHERE stored.account_id = asked.account_id
        AND stored.sim_id = asked.sim_id AND stored.id = value ->> 'replaces' AND stored.id >= '!')
      OR EXISTS (
        SELECT 1 FROM usage_corrections AS stored WHERE stored.account_id = asked.account_id
          AND stored.id = value ->> 'replaces' AND stored.sim_id = asked.sim_id)`,
  );
  const byEvent = Map.groupBy(holders, ({ n }) => n);
  return new Map(
    corrections.flatMap((event, n): [Event, string][] => {
      const [one, ...others] = byEvent.get(n) ?? [];
      return one?.is_former && others.length === 0 ? [[event, one.account_id]] : [];
    }),
  );
}

function find(
  db: Db,
  events: readonly (Event & { account_id?: string | null })[],
  holders: (rows: SQL) => SQL,
) {
  if (events.length === 0) return statement<FoundStored>(db, NOTHING);
  const rows = events.map((event, n) => ({
    n,
    identity: identityOf(event),
    minute: minuteOf(event),
    key: event.type === "usage" ? recordKey(event) : (event.id ?? ""),
    ...splitDetails(event),
  }));
  type Row = (typeof rows)[number];
  const of = (wanted: (row: Row) => boolean) =>
    sql`(${holders(sql`json_each(${JSON.stringify(rows.filter(wanted))})`)}) AS asked`;
  const isUsage = ({ type }: Row) => type === "usage";
  const hasId = ({ id }: Row) => id !== undefined;
  return statement<FoundStored>(
    db,
    sql`
    ${usageIn(
      of((row) => isUsage(row) && hasId(row)),
      sql`stored.id >= '!'`,
    )}
    UNION ALL ${usageIn(
      of((row) => isUsage(row) && !hasId(row)),
      sql`stored.minute = value ->> 'minute' AND stored.time = value ->> 'time' AND stored.bill_id = value ->> 'bill_id'
        AND stored.operation = value ->> 'operation'`,
    )}
    UNION ALL ${networkIn(
      of((row) => !isUsage(row) && hasId(row)),
      sql`stored.id <> ''`,
    )}
    UNION ALL ${networkIn(
      of((row) => !isUsage(row) && !hasId(row)),
      sql`stored.time = value ->> 'time' AND stored.imei = coalesce(value ->> 'imei', '')
        AND stored.country_code = coalesce(value ->> 'country_code', '')`,
    )}
    UNION ALL SELECT * FROM (
      SELECT value ->> 'n' AS n, asked.account_id AS account_id, 'correction' AS kind, NULL AS run,
        stored.content AS content, stored.event AS event, NULL AS stored_as
      FROM ${of((row) => isUsage(row) && hasId(row))} CROSS JOIN usage_corrections AS stored
        ON stored.account_id = asked.account_id AND stored.id = value ->> 'id' AND stored.sim_id = asked.sim_id
      UNION ALL
      SELECT value ->> 'n', asked.account_id, 'settled', NULL, stored.content, told.event, stored.stored_as
      FROM ${of(() => true)} CROSS JOIN settled_reports AS stored
        ON stored.sim_id = asked.sim_id AND stored.identity = value ->> 'identity'
          AND stored.account_id = asked.account_id
        LEFT JOIN usage_corrections AS told
          ON told.account_id = asked.account_id AND told.id = stored.stored_as AND told.sim_id = asked.sim_id)`,
  );
}

function usageIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, asked.account_id AS account_id, 'stored' AS kind, stored.run AS run, NULL AS content,
      ${usageEntry("stored")} AS event, NULL AS stored_as
    FROM ${rows} CROSS JOIN usage_records AS stored
      ON stored.account_id = asked.account_id AND stored.sim_id = asked.sim_id AND stored.id = value ->> 'key'
    WHERE ${where}`;
}

function networkIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, asked.account_id AS account_id, 'stored' AS kind, stored.run AS run, NULL AS content,
      ${networkEntry("stored")} AS event, NULL AS stored_as
    FROM ${rows} CROSS JOIN network_log AS stored
      ON stored.account_id = asked.account_id AND stored.sim_id = asked.sim_id AND stored.type = value ->> 'type'
        AND stored.id = value ->> 'key'
    WHERE ${where}`;
}

/**
 * What became of events whose SIMs an account has, by what was found of them after `run` inserted those that were new.
 * One that finds nothing there is from a time that the retention has removed.
 */
export function compare(
  events: readonly Event[],
  found: readonly FoundStored[],
  run: number,
): Map<Event, Outcome> {
  const byEvent = Map.groupBy(found, ({ n }) => n);
  const seen = new Set<string>();
  return new Map(
    events.map((event, n): [Event, Outcome] => {
      const identity = identityOf(event);
      const isFirst = !seen.has(identity);
      seen.add(identity);
      const all = byEvent.get(n) ?? [];
      const stored = all.find(({ kind }) => kind !== "settled");
      if (stored === undefined) return [event, aside("time_too_old")];
      if (isFirst && stored.run === run) return [event, { kind: "fresh", told: event }];
      const repeat = repeatOf(event, all);
      if (repeat) return [event, { kind: "repeat", told: repeat.told }];
      return [
        event,
        aside("id_conflict", stored.event === null ? undefined : readEntry(stored.event)),
      ];
    }),
  );
}

/** What was told of the event before, and the account that it is stored for; undefined where it is no repeat. */
function repeatOf(event: Event, found: readonly FoundStored[]) {
  const content = contentOf(event);
  const equal = found.filter((row) => contentOfFound(row) === content);
  // Webhooks got it under the id that the operator's decision gave it.
  const row = equal.find(({ stored_as }) => stored_as !== null) ?? equal[0];
  if (!row) return undefined;
  const { kind, account_id, event: entry, stored_as } = row;
  if (entry !== null && kind !== "stored") return { account_id, told: readEntry(entry) };
  return { account_id, told: stored_as === null ? event : { ...event, id: stored_as } };
}

function contentOfFound({ content, event }: FoundStored): string | undefined {
  return content ?? (event === null ? undefined : contentOf(readEntry(event)));
}
