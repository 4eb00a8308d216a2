import { env } from "cloudflare:workers";

type Rows = Record<string, Record<string, unknown>[]>;

/** Every row of every table; when its key was last used, any call may write. */
export async function everythingStored(): Promise<Rows> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' AND name NOT GLOB 'd1_*' AND name NOT GLOB 'sqlite_*' ORDER BY name",
  ).all<{ name: string }>();
  const rows: Rows = {};
  for (const { name } of results) rows[name] = await storedIn(name);
  for (const key of rows.api_keys ?? []) delete key.last_used_at;
  return rows;
}

/** The rows of one table. */
export async function storedIn(table: string): Promise<Record<string, unknown>[]> {
  return (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results;
}
