import { readdir, readFile } from "node:fs/promises";
import type { Miniflare } from "miniflare";

const SIMS = 10_000;

/** One of the fleet's SIMs, by chance. */
export function anySim(): number {
  return 1 + Math.floor(Math.random() * SIMS);
}

export function simId(n: number): string {
  return String(n).padStart(9, "0");
}

/** What `GET /sim` answers for the SIM. */
export function simBody(n: number): string {
  return JSON.stringify({ id: simId(n), alias: `SIM ${n}`, active: true });
}

/** Makes the tables as they are deployed, in the database that the Worker has as `DB`. */
export async function migrate(miniflare: Miniflare, worker: string): Promise<void> {
  const d1 = await miniflare.getD1Database("DB", worker);
  const files = (await readdir("migrations")).filter((file) => file.endsWith(".sql")).toSorted();
  for (const file of files) {
    const sql = await readFile(`migrations/${file}`, "utf8");
    await d1.batch(sql.split("--> statement-breakpoint").map((statement) => d1.prepare(statement)));
  }
}

/** Gives the account a fleet of {@link SIMS}. */
export async function fill(miniflare: Miniflare, worker: string, accountId: string): Promise<void> {
  const d1 = await miniflare.getD1Database("DB", worker);
  await d1
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
       INSERT INTO sims (id, account_id, alias, active, connector_id, created_at)
       SELECT printf('%09d', n), ?2, 'SIM ' || n, 1, NULL, ?3 FROM numbers`,
    )
    .bind(SIMS, accountId, Date.now())
    .run();
}
