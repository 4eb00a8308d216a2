import type { Miniflare } from "miniflare";
import { migrate } from "../fleet";

/** Makes the tables and so many accounts (`account-1` ...) with so many SIMs each, whose ids go round the accounts. */
export async function givenAccounts(
  miniflare: Miniflare,
  worker: string,
  accounts: number,
  simsEach: number,
): Promise<void> {
  await migrate(miniflare, worker);
  const d1 = await miniflare.getD1Database("DB", worker);
  await d1
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1 * ?2)
       INSERT INTO sims (id, account_id, alias, active, connector_id, created_at)
       SELECT printf('%09d', n), 'account-' || (1 + (n - 1) % CAST(?1 AS INTEGER)), NULL, 1, NULL, 0 FROM numbers`,
    )
    .bind(accounts, simsEach)
    .run();
}
