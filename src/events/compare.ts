import { type SQL, sql } from "drizzle-orm";
import { type Db, NOTHING, statement } from "../db/client";
import { recordKey } from "../usage/record-key";
import { minuteOf } from "../usage/store";
import { type Event, identityOf } from "./catalogue";
import { contentOf } from "./content";
import { splitDetails } from "./details";
import { networkEntry, usageEntry } from "./entries";
import { aside, type Outcome } from "./outcome";
import { readEntry } from "./stored";

/** What there is under the identity of the event `n`: an entry of the feed, or a content that counts as a repeat. */
export interface FoundStored {
  n: number;
  kind: "stored" | "correction" | "settled";
  run: number | null;
  text: string;
}

/** Finds what is stored under the identities of events, for {@link compare}; without `events` nothing. */
export function findStored(db: Db, events: readonly Event[]) {
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
    sql`json_each(${JSON.stringify(rows.filter(wanted))}) CROSS JOIN sims ON sims.id = value ->> 'sim_id'`;
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
      SELECT value ->> 'n' AS n, 'correction' AS kind, NULL AS run, stored.event AS text
      FROM ${of((row) => isUsage(row) && hasId(row))} CROSS JOIN usage_corrections AS stored
        ON stored.account_id = sims.account_id AND stored.id = value ->> 'id' AND stored.sim_id = sims.id
      UNION ALL
      SELECT value ->> 'n', 'settled', NULL, stored.content
      FROM ${of(() => true)} CROSS JOIN settled_reports AS stored
        ON stored.sim_id = sims.id AND stored.identity = value ->> 'identity')`,
  );
}

function usageIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, 'stored' AS kind, stored.run AS run, ${usageEntry("stored")} AS text
    FROM ${rows} CROSS JOIN usage_records AS stored
      ON stored.account_id = sims.account_id AND stored.sim_id = sims.id AND stored.id = value ->> 'key'
    WHERE ${where}`;
}

function networkIn(rows: SQL, where: SQL): SQL {
  return sql`
    SELECT value ->> 'n' AS n, 'stored' AS kind, stored.run AS run, ${networkEntry("stored")} AS text
    FROM ${rows} CROSS JOIN network_log AS stored
      ON stored.account_id = sims.account_id AND stored.sim_id = sims.id AND stored.type = value ->> 'type'
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
      const isKnown =
        contentOf(other) === content ||
        all.some(({ kind, text }) => kind === "settled" && text === content);
      return [event, isKnown ? { kind: "repeat", told: event } : aside("id_conflict", other)];
    }),
  );
}
