import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Payload } from "../../events/payload";
import type { DisabledReason, Lane, RetryPolicy } from "./types";

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

/** When an account with endpoints in the slow lane may have its next turn there. */
export const slowTurns = sqliteTable("slow_turns", {
  accountId: text("account_id").primaryKey(),
  restUntil: integer("rest_until").notNull(),
});

/** What an account's delivery log took on a day (since 1970, UTC), and the tries that were counted only. */
export const deliveryLogDays = sqliteTable(
  "delivery_log_days",
  {
    accountId: text("account_id").notNull(),
    day: integer().notNull(),
    bytes: integer().notNull(),
    unlisted: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.day] })],
);

export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    accountId: text("account_id").notNull(),
    url: text().notNull(),
    label: text(),
    active: integer({ mode: "boolean" }).notNull(),
    /** As the caller named them. */
    excludeTypes: text("exclude_types", { mode: "json" }).$type<string[]>().notNull(),
    /** Ids of tags: only events of SIMs that carry one of them; none: of all SIMs. */
    tags: text({ mode: "json" }).$type<string[]>().notNull().default([]),
    payload: text().$type<Payload>().notNull().default("classic"),
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
    /** The last outcomes, oldest first: as `Health` of endpoint-health.ts says. */
    recent: text().notNull().default(""),
    failingSince: integer("failing_since"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [index("webhooks_by_account").on(table.accountId)],
);
