import { type SQL, sql } from "drizzle-orm";

/** A row of `usage_records`, under the name that the query gives it, as an entry of the feed. */
export function usageEntry(row: string): SQL {
  const plain = ["time", "bill_id", "sim_id", "country_code", "operation", "upload", "download"];
  const id = sql.raw(`CASE WHEN ${row}.id >= '!' THEN ${row}.id END`);
  return sql`json_object('type', 'usage', 'id', ${id}, ${fields(row, plain)}, 'details', json(${sql.raw(row)}.details))`;
}

/** The same of a row of `network_log`. */
export function networkEntry(row: string): SQL {
  const plain = ["type", "time", "sim_id", "imei", "country_code", "country_code_previous"];
  const id = sql.raw(`nullif(${row}.id, '')`);
  return sql`json_object('id', ${id}, ${fields(row, plain)}, 'details', json(${sql.raw(row)}.details))`;
}

function fields(row: string, names: readonly string[]): SQL {
  return sql.raw(names.map((name) => `'${name}', ${row}.${name}`).join(", "));
}
