import { type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";

export type Db = ReturnType<typeof drizzle<Record<string, never>, D1Database>>;

/** A hand-written statement for a batch, answering rows as they are. */
export function statement<Row = unknown>(db: Db, query: SQL) {
  const raw = db.all<Row>(query);
  // Drizzle's batch binds the parameters to a prepared statement that its raw queries do not bring (0.45).
  return Object.assign(raw, { stmt: db.$client.prepare(raw.getQuery().sql) });
}

/** In a batch, for a statement that is not needed this time. */
export const NOTHING = sql`SELECT 1 WHERE false`;

/** The database, through a session: replicas may answer, and what the session wrote it reads. */
export function openSession(
  d1: D1Database,
  bookmark: string | undefined,
): { db: Db; bookmark: () => string | null } {
  const session = d1.withSession(bookmark ?? "first-unconstrained");
  return { db: drizzle(asDatabase(session)), bookmark: () => session.getBookmark() };
}

/** The primary itself: for consumers, and for what must not be stale. */
export function openPrimary(d1: D1Database): Db {
  return drizzle(d1);
}

/** Drizzle asks a database for `prepare` and `batch` only, and a session has both. */
function asDatabase(session: D1DatabaseSession): D1Database {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return session as unknown as D1Database;
}
