import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { ConnectorType } from "../connectors/schemas";
import type { DisabledReason, Lane } from "../webhooks/health";
import type { RetryPolicy } from "../webhooks/retry-schedule";
import type { EventType, NetworkEvent, UsageEvent } from "../events/catalogue";

/** Every table. Times are milliseconds since 1970 UTC, amounts of data are bytes. */

export const accounts = sqliteTable("accounts", {
  id: text().primaryKey(),
  name: text().notNull(),
  createdAt: integer("created_at").notNull(),
});

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    name: text().notNull(),
    hash: text().notNull(),
    createdAt: integer("created_at").notNull(),
    revokedAt: integer("revoked_at"),
  },
  (table) => [
    uniqueIndex("api_keys_by_hash").on(table.hash),
    index("api_keys_by_account").on(table.accountId),
  ],
);

/** What the operator issued: the card and the account that may create its SIM. */
export const simCards = sqliteTable(
  "sim_cards",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    iccid: text(),
    imsi: text(),
    msisdn: text(),
    issuedAt: integer("issued_at").notNull(),
  },
  (table) => [
    uniqueIndex("sim_cards_by_iccid").on(table.iccid),
    uniqueIndex("sim_cards_by_imsi").on(table.imsi),
  ],
);

export const sims = sqliteTable(
  "sims",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    alias: text(),
    active: integer({ mode: "boolean" }).notNull(),
    connectorId: text("connector_id"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    uniqueIndex("sims_by_alias").on(table.accountId, table.alias),
    // Answers whether a connector that is to be deleted is in use.
    index("sims_by_connector")
      .on(table.accountId, table.connectorId)
      .where(sql`connector_id IS NOT NULL`),
  ],
);

/** A connector's secret option: sealed, with the time it was set. */
export interface StoredSecret {
  sealed: string;
  last_updated_at: string;
}

export const connectors = sqliteTable(
  "connectors",
  {
    accountId: text("account_id").notNull(),
    id: text().notNull(),
    type: text().$type<ConnectorType>().notNull(),
    options: text({ mode: "json" }).$type<Record<string, string | number>>().notNull(),
    passthrough: text({ mode: "json" })
      .$type<{ protocol: string; ip: string; port: number }[]>()
      .notNull(),
    secrets: text({ mode: "json" }).$type<Record<string, StoredSecret>>().notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

/**
 * One row a usage event. Clustered by account and minute, so that an account's period is read in order;
 * a SIM's records are found through the minutes that `usage_days` lists. `id` is '' where the event came without one.
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
    // An id counts once whatever else the event says; costs a row only for events that carry one.
    uniqueIndex("usage_records_by_id")
      .on(table.id)
      .where(sql`id <> ''`),
  ],
);

/** Totals of a SIM in a country on a day (days since 1970), and the minutes of the day it has records in. */
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

/** Network validations and registrations, clustered by SIM and time. `id` is '' where the event came without one. */
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
    uniqueIndex("network_log_by_id")
      .on(table.id, table.type)
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

/** How deliveries ended: those of one run of the consumer to a webhook, in one row. `seq` as in `event_feed`. */
export const deliveryLog = sqliteTable(
  "delivery_log",
  {
    webhookId: text("webhook_id").notNull(),
    seq: integer().notNull(),
    deliveries: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.webhookId, table.seq] })],
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
    receivedAt: integer("received_at").notNull(),
  },
  (table) => [uniqueIndex("unmatched_events_by_identity").on(table.identity)],
);

export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    url: text().notNull(),
    label: text(),
    active: integer({ mode: "boolean" }).notNull(),
    excludeTypes: text("exclude_types", { mode: "json" }).$type<EventType[]>().notNull(),
    authorization: text(),
    authorizationUpdatedAt: integer("authorization_updated_at"),
    secret: text().notNull(),
    secretUpdatedAt: integer("secret_updated_at").notNull(),
    /** Each signs beside `secret` until its time. */
    previousSecrets: text("previous_secrets", { mode: "json" })
      .$type<{ sealed: string; until: number }[]>()
      .notNull()
      .default([]),
    retry: text().$type<RetryPolicy>().notNull(),
    disabledAt: integer("disabled_at"),
    disabledReason: text("disabled_reason").$type<DisabledReason>(),
    lane: text().$type<Lane>().notNull().default("fast"),
    /** The last outcomes, oldest first: 1 accepted, 0 failed. */
    recent: text().notNull().default(""),
    failingSince: integer("failing_since"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("webhooks_by_account").on(table.accountId)],
);
