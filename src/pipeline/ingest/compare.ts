import { type SQL, sql } from "drizzle-orm";
import { type Db, NOTHING, statement } from "../../db/client";
import { recordKey } from "../../db/record-key";
import { minuteOf } from "./usage-rollups";
import { type Event, identityOf } from "../../events/schemas";
import { contentOf } from "../../events/content";
import { splitDetails } from "../../events/details";
import { networkEntry, usageEntry } from "../../events/entries";
import { aside, type Outcome } from "./outcome";
import { readEntry } from "../../events/from-row";

/** What there is under the identity of the event `n`: an entry of the feed, or a content that counts as a repeat. */
export interface FoundStored {
  n: number;
  kind: "stored" | "correction" | "settled";
  run: number | null;
  text: string;
  /** Of a settled content: the public id under which it was stored, where that is not the report's own. */
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
  if (events.length === 0) return statement<FoundStored>(db, NOTHING);
  const rows = events.map((event, n) => ({
    n,
    identity: identityOf(event),
    minute: minuteOf(event),
    account_id: accountOf(event) ?? null,
    key: event.type === "usage" ? recordKey(event) : (event.id ?? ""),
    ...splitDetails(event),
  }));
  type Row = (typeof rows)[number];
  const of = (wanted: (row: Row) => boolean) =>
    sql`(
      SELECT value, value ->> 'sim_id' AS sim_id, coalesce(
        value ->> 'account_id', (SELECT account_id FROM sims WHERE sims.id = value ->> 'sim_id')) AS account_id
      FROM json_each(${JSON.stringify(rows.filter(wanted))})) AS asked`;
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
      SELECT value ->> 'n' AS n, 'correction' AS kind, NULL AS run, stored.event AS text, NULL AS stored_as
      FROM ${of((row) => isUsage(row) && hasId(row))} CROSS JOIN usage_corrections AS stored
        ON stored.account_id = asked.account_id AND stored.id = value ->> 'id' AND stored.sim_id = asked.sim_id
      UNION ALL
      SELECT value ->> 'n', 'settled', NULL, stored.content, stored.stored_as
      FROM ${of(() => true)} CROSS JOIN settled_reports AS stored
        ON stored.sim_id = asked.sim_id AND stored.identity = value ->> 'identity')`,
  );
}

function usageIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, 'stored' AS kind, stored.run AS run, ${usageEntry("stored")} AS text, NULL AS stored_as
    FROM ${rows} CROSS JOIN usage_records AS stored
      ON stored.account_id = asked.account_id AND stored.sim_id = asked.sim_id AND stored.id = value ->> 'key'
    WHERE ${where}`;
}

function networkIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, 'stored' AS kind, stored.run AS run, ${networkEntry("stored")} AS text, NULL AS stored_as
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
      const content = contentOf(event);
      const other = readEntry(stored.text);
      if (contentOf(other) === content) return [event, { kind: "repeat", told: event }];
      const settled = all.find(({ kind, text }) => kind === "settled" && text === content);
      if (!settled) return [event, aside("id_conflict", other)];
      // Webhooks got it under the id that the operator's decision gave it.
      const told = settled.stored_as === null ? event : { ...event, id: settled.stored_as };
      return [event, { kind: "repeat", told }];
    }),
  );
}
