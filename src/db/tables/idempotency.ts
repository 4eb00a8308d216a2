import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What an API key, or one that a rotation replaced by it, asked under an Idempotency-Key, and what it was answered. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    accountId: text("account_id").notNull(),
    /** The lineage of the API key, a blank, and the Idempotency-Key. */
    key: text().notNull(),
    /** A keyed hash of the API key's tags, method, path, query, condition and body. */
    request: text().notNull(),
    createdAt: integer("created_at").notNull(),
    /** Until then it is one Worker's to answer; it tells that claim from a later one too. */
    lease: integer().notNull(),
    /** null: not answered yet. */
    status: integer(),
    /** Of the answer; until there is one, the `x-request-id` of the call that is to give it. */
    headers: text({ mode: "json" }).$type<Record<string, string>>(),
    /** Compressed and sealed; null with a status: it was not kept. */
    body: text(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.key] }),
    // For the retention.
    index("idempotency_keys_by_time").on(table.createdAt),
  ],
);
