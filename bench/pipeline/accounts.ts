import type { Miniflare } from "miniflare";
import { migrate } from "../fleet";
import { DAY_BEGIN, MEAN_BYTES, QUARTERS_A_DAY } from "./usage-events";

/**
 * Makes the tables and so many accounts (`account-1` ...) with so many SIMs each, whose ids go round the accounts.
 * With `history` they are in the middle of a month, nine days of which went as the stream of usage events goes on.
 */
export async function givenAccounts(
  miniflare: Miniflare,
  worker: string,
  accounts: number,
  simsEach: number,
  { history = false } = {},
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
  if (history) await giveHistory(d1);
}

/** What the days of the month before the stream left: their last day's row, and the SIMs online and in country dk. */
async function giveHistory(d1: D1Database): Promise<void> {
  const [day, bytes] = [DAY_BEGIN / 86_400_000 - 1, QUARTERS_A_DAY * MEAN_BYTES];
  const days = new Date(DAY_BEGIN).getUTCDate() - 1;
  await d1.batch([
    d1
      .prepare(
        `INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes, month_bytes, last_time)
         SELECT account_id, id, ?1, 'dk', 0, ?2, ?3, (
           WITH RECURSIVE quarters (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM quarters WHERE n + 1 < ?3)
           SELECT json_group_array(n * 15) FROM quarters), ?4, ?5
         FROM sims`,
      )
      .bind(day, bytes, QUARTERS_A_DAY, days * bytes, DAY_BEGIN - 900_000),
    d1
      .prepare(
        `UPDATE sims SET online = 1, online_at = ?1, last_came_online_at = ?1, seen_at = ?1, country_code = 'dk',
           usage_month = ?2, usage_sorted = ?3`,
      )
      .bind(DAY_BEGIN - days * 86_400_000, Number(MONTH), days * bytes),
  ]);
}

const MONTH = new Date(DAY_BEGIN).toISOString().slice(0, 7).replace("-", "");
