import { sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import { type Db, statement } from "../db/client";
import { ApiError } from "../errors";
import { checkTag } from "../tags/within";
import { asOf, newestStored } from "./as-of";
import type { TagUsageQuery } from "./fleet-schemas";
import { dayOf, inCountry } from "./records";
import { SUM_OF_BYTES, sumText } from "./sums";
import { monthOf } from "./time-period";
import type { TagTotal } from "./answers";

/** The sums of all SIMs that carry the tag now, in the period (this month) and the country. Throws `tag_forbidden` and `tag_not_found`. */
export async function readTagTotal(
  db: Db,
  reach: Reach,
  tag_id: string,
  { filter }: TagUsageQuery,
): Promise<TagTotal> {
  checkTag(reach, tag_id);
  const { accountId } = reach;
  const { begin, end } = filter.time ?? monthOf(Date.now());
  const [known, [total], [stored]] = await db.batch([
    statement(db, sql`SELECT id FROM tags WHERE id = ${tag_id} AND account_id = ${accountId}`),
    statement<Omit<TagTotal, "tag_id" | "as_of">>(
      db,
      sql`
      SELECT ${SUM_OF_BYTES} AS bytes,
        ${sumText(sql`upload`)} AS upload, ${sumText(sql`download`)} AS download,
        coalesce(sum(records), 0) AS records, count(DISTINCT sim_tags.sim_id) AS sims
      FROM sim_tags LEFT JOIN usage_days
        ON usage_days.account_id = ${accountId} AND usage_days.sim_id = sim_tags.sim_id
        AND day BETWEEN ${dayOf(begin)} AND ${dayOf(end - 1)} ${inCountry({ country: filter.country_code })}
      WHERE sim_tags.account_id = ${accountId} AND tag_id = ${tag_id}`,
    ),
    newestStored(db, accountId),
  ]);
  if (known.length === 0 || !total) throw new ApiError("tag_not_found");
  const { bytes, upload, download, records, sims } = total;
  return { tag_id, bytes, upload, download, records, sims, as_of: asOf(stored) };
}
