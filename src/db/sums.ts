import { type SQL, sql } from "drizzle-orm";

/** SQLite's largest integer: an addition past it gives a float, and `sum()` past it fails the whole query. */
const MOST = sql.raw("9223372036854775807");

/** The largest integer that a JSON number holds exactly. */
const MOST_IN_JSON = sql.raw(String(Number.MAX_SAFE_INTEGER));

/** Adds to a stored total, which stays at SQLite's largest integer once it would pass it. */
export function plus(total: SQL, more: SQL): SQL {
  return sql`min(${total} + ${more}, ${MOST})`;
}

/** The same for a month's bytes of a SIM, which the API shows as a number. */
export function plusShown(total: SQL, more: SQL): SQL {
  return sql`min(${total} + ${more}, ${MOST_IN_JSON})`;
}

/** A float sum as a JSON number: exact below 2^53, where it stays. */
export function shown(sum: SQL): SQL {
  return sql`CAST(min(${sum}, ${MOST_IN_JSON}) AS INTEGER)`;
}

const BILLION = sql.raw("1000000000");

/** Sums of bytes as decimal text, exact past 64 bits: the billions and the rest are added apart. A sum below 0 is 0. */
export function sumText(column: SQL): SQL {
  const rests = sql`coalesce(sum(${column} % ${BILLION}), 0)`;
  const rest = sql`(${rests} % ${BILLION})`;
  const billions = sql`(coalesce(sum(${column} / ${BILLION}), 0) + ${rests} / ${BILLION} - (${rest} < 0))`;
  const digits = sql`printf('%d%09d', ${billions}, ${rest} + (${rest} < 0) * ${BILLION})`;
  return sql`CASE WHEN ${billions} < 0 THEN '0' ELSE coalesce(nullif(ltrim(${digits}, '0'), ''), '0') END`;
}

/** Upload and download together as a JSON number. */
export const SUM_OF_BYTES = shown(sql`total(upload) + total(download)`);
