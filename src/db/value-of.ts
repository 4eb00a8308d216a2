import { type AnyColumn, sql } from "drizzle-orm";

/** A column for a SELECT whose FROM is hand-written: the query builder refuses columns of tables that it does not know of. */
export function valueOf<C extends AnyColumn>(column: C) {
  return sql`${column}`.mapWith(column).as(column.name);
}
