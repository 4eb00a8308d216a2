import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Action } from "../audit-actions";
import type { ActorType } from "../audited";

/**
 * What was changed, by whom; written by triggers (in migrations/) in the transaction of the change.
 * `seq` only grows within an account, in the order of the commits; it is the time in microseconds, or a little later.
 */
export const auditLog = sqliteTable(
  "audit_log",
  {
    accountId: text("account_id").notNull(),
    seq: integer().notNull(),
    actor: text().$type<ActorType>().notNull(),
    /** null unless a key acted. */
    keyId: text("key_id"),
    /** null of the system. */
    address: text(),
    requestId: text("request_id"),
    action: text().$type<Action>().notNull(),
    /** The id of what was changed, or its name. */
    subject: text().notNull(),
    /** null unless it is a SIM, or its card. */
    simId: text("sim_id"),
    /** The fields as the API names them, as JSON; of a change those that differ. null: it was not there before. */
    before: text(),
    /** null: it is not there any more. */
    after: text(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.seq] }),
    // Whether the account had a SIM of this id before.
    index("audit_log_of_deleted_sims")
      .on(table.accountId, table.simId)
      .where(sql`action = 'sim.deleted'`),
  ],
);

/** Who acts in the transaction under way; outside of one it is empty. The triggers write only while it has its row. */
export const auditContext = sqliteTable("audit_context", {
  /** 1 */
  id: integer().primaryKey(),
  /** ms */
  at: integer().notNull(),
  actor: text().$type<ActorType>().notNull(),
  keyId: text("key_id"),
  address: text(),
  requestId: text("request_id"),
  /** The account of the key that acts, whose budget the entries count towards; null: nobody's. */
  accountId: text("account_id"),
  /** Its newest entry before the transaction. */
  seq: integer(),
  /** Bytes that may be written to its log in an hour. */
  mostBytes: integer("most_bytes"),
});
