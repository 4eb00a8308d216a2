import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { StoredTag } from "./types";

export const accounts = sqliteTable("accounts", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** All tags of the account as they are answered, by their ids: triggers keep them, so that a page of SIMs reads one row. */
  tags: text({ mode: "json" }).$type<Record<string, StoredTag>>().notNull().default({}),
  createdAt: integer("created_at").notNull(),
  /** Calls a minute that each of its keys may make; null: as many as the deployment says. */
  rateLimit: integer("rate_limit"),
});

/**
 * What an account has stored, where to count it each time would read too much: triggers (in migrations/) keep it in the
 * transaction of each change. `src/limits.ts` has what it may come to.
 */
export const accountUse = sqliteTable("account_use", {
  accountId: text("account_id").primaryKey(),
  sims: integer().notNull().default(0),
  /** The hour (since 1970) in which `auditBytes` were written to the audit log. */
  auditHour: integer("audit_hour").notNull().default(0),
  auditBytes: integer("audit_bytes").notNull().default(0),
  /** The hour of the following two: Idempotency-Keys that were used, and bytes of large answers that are kept of them. */
  idempotencyHour: integer("idempotency_hour").notNull().default(0),
  idempotencyKeys: integer("idempotency_keys").notNull().default(0),
  idempotencyBytes: integer("idempotency_bytes").notNull().default(0),
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
    scopes: text({ mode: "json" }).$type<string[]>().notNull().default(["*"]),
    expiresAt: integer("expires_at"),
    /** CIDR ranges; none: everywhere. */
    allowedIps: text("allowed_ips", { mode: "json" }).$type<string[]>().notNull().default([]),
    /** Ids of tags; null: not narrowed. */
    tags: text({ mode: "json" }).$type<string[]>(),
    /** The id of the key that the first rotation replaced, which is handed on by each rotation; null: its own id. */
    lineage: text(),
    /** The quarter of an hour that it was last used in. */
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [
    uniqueIndex("api_keys_by_hash").on(table.hash),
    index("api_keys_by_account").on(table.accountId),
  ],
);
