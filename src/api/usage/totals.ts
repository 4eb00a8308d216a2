import { type SQL, sql } from "drizzle-orm";
import { DAY_MS, HOUR_MS } from "../../platform/time";
import { dayOf, inCountry, type Period, recordsIn, type Whose } from "./sql";
import { sumText } from "../../db/sums";
import { MOST_SUMMED, visibleDays } from "./visible-days";

/** A period's sums; `too_many` is 1 where more than {@link MOST_SUMMED} rows make them up, which are not read. */
export interface Totals {
  upload: string;
  download: string;
  too_many: number;
}

/** The period's sums: of its whole days from their totals, of the parts of days at its ends as {@link partOfDay} says. */
export function totalsOf(whose: Whose, period: Period, now: number): SQL {
  const firstWhole = Math.ceil(period.begin / DAY_MS);
  const endOfWhole = Math.floor(period.end / DAY_MS);
  const sums =
    firstWhole > endOfWhole
      ? partOfDay(whose, period, now)
      : sql.join(
          [
            daysTotal(whose, firstWhole, endOfWhole - 1),
            partOfDay(whose, { begin: period.begin, end: firstWhole * DAY_MS }, now),
            partOfDay(whose, { begin: endOfWhole * DAY_MS, end: period.end }, now),
          ],
          sql` UNION ALL `,
        );
  return sql`
    SELECT ${sumText(sql`upload`)} AS upload, ${sumText(sql`download`)} AS download,
      count(*) > ${MOST_SUMMED} AS too_many
    FROM (SELECT * FROM (${sums}) LIMIT ${MOST_SUMMED + 1})`;
}

/**
 * The sums of a part of one day: of its records, or, where that reads less, the day's total less the records
 * outside of it. Behind `now` a day is as good as empty.
 */
function partOfDay(whose: Whose, part: Period, now: number): SQL {
  const day = dayOf(part.begin);
  const head = { begin: day * DAY_MS, end: part.begin };
  const tail = { begin: part.end, end: (day + 1) * DAY_MS };
  const length = ({ begin, end }: Period) => Math.max(0, Math.min(end, now) - begin);
  if (length(part) <= length(head) + length(tail)) return withinDay(whose, part, "+");
  // A query of its own: D1 takes five terms in one, and a period may begin and end in such a day.
  return sql`SELECT * FROM (${daysTotal(whose, day, day)}
    UNION ALL ${withinDay(whose, head, "-")} UNION ALL ${withinDay(whose, tail, "-")})`;
}

/** The sums of a part of a day: of an account's whole hours from their totals, so that at most two hours' records are read. */
function withinDay(whose: Whose, part: Period, sign: "+" | "-"): SQL {
  const first = Math.ceil(part.begin / HOUR_MS);
  const last = Math.floor(part.end / HOUR_MS) - 1;
  if (whose.sim !== undefined || whose.tags !== null || first > last)
    return recordsTotal(whose, part, sign);
  const [begin, end] = [first * HOUR_MS, (last + 1) * HOUR_MS];
  // A query of its own, as above.
  return sql`SELECT * FROM (${hoursTotal(whose, first, last, sign)}
    UNION ALL ${recordsTotal(whose, { begin: part.begin, end: begin }, sign)}
    UNION ALL ${recordsTotal(whose, { begin: end, end: part.end }, sign)})`;
}

function hoursTotal(whose: Whose, first: number, last: number, sign: "+" | "-"): SQL {
  return sql`SELECT ${sql.raw(sign)}upload AS upload, ${sql.raw(sign)}download AS download FROM account_hours
    WHERE account_id = ${whose.accountId} AND hour BETWEEN ${first} AND ${last} ${inCountry(whose)}`;
}

function recordsTotal(whose: Whose, period: Period, sign: "+" | "-"): SQL {
  if (period.begin === period.end) return sql`SELECT 0 AS upload, 0 AS download`;
  return sql`SELECT ${sql.raw(sign)}upload AS upload, ${sql.raw(sign)}download AS download FROM ${recordsIn(whose, period)}`;
}

function daysTotal(whose: Whose, first: number, last: number): SQL {
  return sql`SELECT upload, download FROM ${visibleDays(whose, first, last)}`;
}

/** Sums that the first page took, carried by the cursor. */
export function knownTotals({ upload, download }: { upload: string; download: string }): SQL {
  return sql`SELECT ${upload} AS upload, ${download} AS download, 0 AS too_many`;
}
