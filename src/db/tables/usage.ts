import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { UsageEvent } from "../../events/schemas";

/**
 * One row a usage event. Clustered by account and minute, so that an account's period is read in order;
 * a SIM's records are found through the minutes that `usage_days` lists. `id` is what recordKey made of its id and its session.
 */
export const usageRecords = sqliteTable(
  "usage_records",
  {
    accountId: text("account_id").notNull(),
    minute: integer().notNull(),
    simId: text("sim_id").notNull(),
    time: integer().notNull(),
    billId: text("bill_id").notNull(),
    operation: text().$type<UsageEvent["operation"]>().notNull(),
    id: text().notNull(),
    countryCode: text("country_code").notNull(),
    upload: integer().notNull(),
    download: integer().notNull(),
    /** What the event said besides, as JSON. */
    details: text(),
    /** Which run of the consumer stored it: the totals count what their own run stored. */
    run: integer().notNull(),
  },
  (table) => [
    primaryKey({
      columns: [
        table.accountId,
        table.minute,
        table.simId,
        table.time,
        table.billId,
        table.operation,
        table.id,
      ],
    }),
    // An id counts once within its SIM, whatever else the event says; costs a row only for events that carry one.
    uniqueIndex("usage_records_by_sim_and_id")
      .on(table.accountId, table.id, table.simId)
      .where(sql`id >= '!'`),
  ],
);

/**
 * Corrections that were made of records, as the feed tells of them. `id` is the correction's public id, `record` the
 * mended record's `[time, bill_id, operation, id]`.
 */
export const usageCorrections = sqliteTable(
  "usage_corrections",
  {
    accountId: text("account_id").notNull(),
    id: text().notNull(),
    simId: text("sim_id").notNull(),
    time: integer().notNull(),
    record: text().notNull(),
    /** All that the correction says, to know a repeat by. */
    content: text().notNull(),
    event: text().notNull(),
    run: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id, table.simId] }),
    // For the retention.
    index("usage_corrections_by_time").on(table.time),
  ],
);

/** Totals of a SIM in a country on a day (days since 1970), and the minutes of the day it has records in, in order. */
export const usageDays = sqliteTable(
  "usage_days",
  {
    accountId: text("account_id").notNull(),
    simId: text("sim_id").notNull(),
    day: integer().notNull(),
    countryCode: text("country_code").notNull(),
    upload: integer().notNull(),
    download: integer().notNull(),
    records: integer().notNull(),
    minutes: text({ mode: "json" }).$type<number[]>().notNull(),
    /** Bytes of the SIM in the month up to and with this row, in the order of day and country: the last row has the month's. */
    monthBytes: integer("month_bytes").notNull().default(0),
    /** Time of the newest record. */
    lastTime: integer("last_time").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.simId, table.day, table.countryCode] }),
  ],
);

/** The same totals over all SIMs of an account. */
export const accountDays = sqliteTable(
  "account_days",
  {
    accountId: text("account_id").notNull(),
    day: integer().notNull(),
    countryCode: text("country_code").notNull(),
    upload: integer().notNull(),
    download: integer().notNull(),
    records: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.day, table.countryCode] })],
);

/** The same by the hour (since 1970) and the network (`mcc-mnc`, '' where none was told): what `/usage` groups by. */
export const accountHours = sqliteTable(
  "account_hours",
  {
    accountId: text("account_id").notNull(),
    hour: integer().notNull(),
    countryCode: text("country_code").notNull(),
    network: text().notNull(),
    upload: integer().notNull(),
    download: integer().notNull(),
    records: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.hour, table.countryCode, table.network] }),
  ],
);
