import { getTableColumns, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { type Actor, audited } from "./audited";

export type Db = ReturnType<typeof drizzle<Record<string, never>, D1Database>>;

/** A hand-written statement for a batch, answering rows as they are. */
export function statement<Row = unknown>(db: Db, query: SQL) {
  const raw = db.all<Row>(query);
  // Drizzle's batch binds the parameters to a prepared statement that its raw queries do not bring (0.45).
  return Object.assign(raw, { stmt: db.$client.prepare(raw.getQuery().sql) });
}

/** In a batch, for a statement that is not needed this time. */
export const NOTHING = sql`SELECT 1 WHERE false`;

/** A list for `IN`, as one parameter: D1 takes a hundred of them in a statement. */
export function listed(values: readonly (string | number)[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/** A row's values in the order of the table's columns, for an `INSERT ... SELECT` with a condition. */
export function valuesOf<T extends SQLiteTable>(table: T, row: T["$inferInsert"]): SQL {
  const values = Object.entries(getTableColumns(table)).map(([name, column]) => {
    const value: unknown = Reflect.get(row, name);
    return value === null ? sql`NULL` : sql.param(value, column);
  });
  return sql.join(values, sql`, `);
}

/** The database, through a session: replicas may answer, and what the session wrote it reads. What an `actor` writes by `db` is audited. */
export function openSession(
  d1: D1Database,
  bookmark: string | undefined,
  actor?: Actor,
): { db: Db; unaudited: Db; bookmark: () => string | null } {
  const session = d1.withSession(bookmark ?? "first-unconstrained");
  const unaudited = drizzle(asDatabase(session));
  const db = actor ? actingAs(unaudited, actor) : unaudited;
  return { db, unaudited, bookmark: () => session.getBookmark() };
}

/** The same database; what is written through this one is audited as the actor's. */
export function actingAs(db: Db, actor: Actor): Db {
  return drizzle(asDatabase(audited(db.$client, actor)));
}

/** The primary itself: for consumers, and for what must not be stale. */
export function openPrimary(d1: D1Database): Db {
  return drizzle(d1);
}

/** Drizzle asks a database for `prepare` and `batch` only. */
function asDatabase(client: Pick<D1Database, "prepare" | "batch">): D1Database {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return client as D1Database;
}
