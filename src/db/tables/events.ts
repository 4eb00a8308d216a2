import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { NetworkEvent } from "../../events/schemas";

/** Network events, clustered by SIM and time. What the event came without is ''. */
export const networkLog = sqliteTable(
  "network_log",
  {
    accountId: text("account_id").notNull(),
    simId: text("sim_id").notNull(),
    time: integer().notNull(),
    type: text().$type<NetworkEvent["type"]>().notNull(),
    imei: text().notNull(),
    countryCode: text("country_code").notNull(),
    id: text().notNull(),
    countryCodePrevious: text("country_code_previous"),
    /** What the event said besides, as JSON. */
    details: text(),
    run: integer().notNull(),
  },
  (table) => [
    primaryKey({
      columns: [
        table.accountId,
        table.simId,
        table.time,
        table.type,
        table.imei,
        table.countryCode,
        table.id,
      ],
    }),
    // What the daily cron removes.
    index("network_log_by_time").on(table.time),
    uniqueIndex("network_log_by_sim_and_id")
      .on(table.accountId, table.id, table.type, table.simId)
      .where(sql`id <> ''`),
  ],
);

/**
 * What accounts read to catch up: the events that one run of the consumer stored for an account, in one row.
 * `seq` only grows within an account, in the order of the commits; it is the time of storing, or a little later.
 */
export const eventFeed = sqliteTable(
  "event_feed",
  {
    accountId: text("account_id").notNull(),
    seq: integer().notNull(),
    events: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.seq] })],
);

/** Events that could not be stored, each once, with the reason; `event` is what came, as JSON text. */
export const unmatchedEvents = sqliteTable(
  "unmatched_events",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    identity: text().notNull(),
    /** The queue it came from, and goes back to when it is tried again. */
    queue: text().$type<"events" | "deliveries">().notNull(),
    reason: text().notNull(),
    event: text().notNull(),
    /** Of an `id_conflict`: the event that is stored under its identity, as JSON text. */
    stored: text(),
    receivedAt: integer("received_at").notNull(),
  },
  (table) => [
    uniqueIndex("unmatched_events_by_identity").on(table.identity),
    // Whether the core network reports a SIM that no account has, and which events wait for it.
    index("unmatched_events_of_sim")
      .on(sql`event ->> 'sim_id'`)
      .where(sql`reason = 'sim_not_found'`),
  ],
);

/**
 * How much is in `unmatched_events`, kept by triggers: of all (`sim_id` is '') and of each SIM that no account has. The
 * triggers refuse what goes beyond a bound, and count it as dropped.
 */
export const unmatchedUse = sqliteTable("unmatched_use", {
  simId: text("sim_id").primaryKey(),
  events: integer().notNull(),
  bytes: integer().notNull(),
  /** Events that had no room. */
  dropped: integer().notNull().default(0),
  /** Events that were removed because they were old. */
  expired: integer().notNull().default(0),
});

/**
 * Reports that count as repeats though the stored event has another content: what it had before it was corrected, and
 * what was counted beside it as another. The account is not in the key: SQLite changes no key, and another account's
 * report of this content is a repeat of this one.
 */
export const settledReports = sqliteTable(
  "settled_reports",
  {
    simId: text("sim_id").notNull(),
    identity: text().notNull(),
    content: text().notNull(),
    time: integer().notNull(),
    /** The public id under which the content was stored; null: the report's own. */
    storedAs: text("stored_as"),
    /** The account that the report was settled for. */
    accountId: text("account_id").notNull().default(""),
  },
  (table) => [
    primaryKey({ columns: [table.simId, table.identity, table.content] }),
    // For the retention.
    index("settled_reports_by_time").on(table.time),
  ],
);

/** Until when a table's rows were removed, ms: an event from before would be counted again, since it is not known any more. */
export const removedRows = sqliteTable("removed_rows", {
  name: text().$type<"usage_records" | "network_log">().primaryKey(),
  until: integer().notNull(),
});
