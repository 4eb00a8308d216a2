import { type SQL, sql } from "drizzle-orm";
import { DAY_MS, startOfNextMonth } from "../../platform/time";

/** What a SIM that an account makes again is sorted by: its newest day with usage in this account. */
export function usageBefore(accountId: SQL, simId: SQL, column: SQL): SQL {
  return sql`coalesce((
    SELECT ${column} FROM usage_days WHERE usage_days.account_id = ${accountId} AND sim_id = ${simId}
    AND day < ${startOfNextMonth(Date.now()) / DAY_MS}
    ORDER BY day DESC, country_code DESC LIMIT 1), 0)`;
}
