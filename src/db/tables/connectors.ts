import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ConnectorType } from "./types";

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
    tags: text({ mode: "json" }).$type<string[]>().notNull().default([]),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);
