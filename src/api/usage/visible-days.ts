import { type SQL, sql } from "drizzle-orm";
import { isVisible, visibleFrom } from "../../access/visibility";
import { DAY_MS } from "../../platform/time";
import { daysIn, type Whose } from "./sql";

/**
 * Totals of days, and records, that one call sums for some SIMs of an account: those of a tag, or of a narrowed key. There are
 * no totals of them together. Each reads up to three rows.
 */
export const MOST_SUMMED = 300_000;

/** In the text: D1 binds a number as a float, and a quotient would be one. */
const A_DAY = sql.raw(String(DAY_MS));

/**
 * The totals of days that a key may see, as `FROM` takes them; of the SIMs `among` (a SELECT of ids) only. A narrowed key does
 * not see what a SIM did before it was made again: of such a SIM it gets the whole days since then, and the records of the
 * day on which it was made.
 */
export function visibleDays(whose: Whose, first: number, last: number, among?: SQL): SQL {
  const days = daysIn(whose, first, last, among);
  if (whose.tags === null) return days;
  const { accountId, sim, country } = whose;
  const madeAgain = sql`SELECT id FROM sims INDEXED BY sims_made_again WHERE account_id = ${accountId} AND visible_from > 0`;
  const isWhole = sql`day * ${A_DAY} >= ${visibleFrom(whose, sql`usage_days.sim_id`)}`;
  return sql`(
    SELECT sim_id, day, country_code, upload, download, records FROM ${days}
      AND (sim_id NOT IN (${madeAgain}) OR ${isWhole})
    UNION ALL
    SELECT made.id, usage_days.day, record.country_code, record.upload, record.download, 1
    FROM sims AS made ${sim ? sql`` : sql`INDEXED BY sims_made_again`}
    CROSS JOIN usage_days ON usage_days.account_id = ${accountId} AND usage_days.sim_id = made.id
      AND usage_days.day = made.visible_from / ${A_DAY}
    CROSS JOIN json_each(usage_days.minutes) AS listed
    CROSS JOIN usage_records AS record ON record.account_id = ${accountId}
      AND record.minute = usage_days.day * 1440 + listed.value AND record.sim_id = made.id
      AND record.country_code = usage_days.country_code AND record.time >= made.visible_from
    WHERE made.account_id = ${accountId} AND made.visible_from > 0 AND made.visible_from % ${A_DAY} > 0
      AND made.visible_from BETWEEN ${first * DAY_MS} AND ${(last + 1) * DAY_MS - 1}
      AND ${ofSims(whose, among)} ${country === undefined ? sql`` : sql`AND record.country_code = ${country}`}
  ) WHERE true`;
}

function ofSims(whose: Whose, among: SQL | undefined): SQL {
  if (whose.sim) return sql`made.id = ${whose.sim}`;
  return among ? sql`made.id IN (${among})` : isVisible(whose, sql`made.tags`);
}
