import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Replays that are running: one at a time for a webhook. */
export const replays = sqliteTable(
  "replays",
  {
    accountId: text("account_id").notNull(),
    webhookId: text("webhook_id").notNull(),
    /** Tells this replay from others of the webhook. */
    id: text().notNull(),
    /** The part that is still to be sent, as JSON. */
    rest: text().notNull(),
    /** Events that it sends in all, and those that it has sent. */
    events: integer().notNull(),
    sent: integer().notNull(),
    startedAt: integer("started_at").notNull(),
    /** The next step begins then at the earliest; while a step runs, the end of its lease. */
    nextAt: integer("next_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.webhookId] })],
);
