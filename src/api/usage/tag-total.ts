import { sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { ApiError } from "../../platform/errors";
import { checkTag, simsCarrying } from "../../access/visibility";
import { asOf, newestStored } from "./as-of";
import type { TagUsageQuery } from "./schemas";
import { dayOf } from "./sql";
import { SUM_OF_BYTES, sumText } from "../../db/sums";
import { monthOf } from "./time-period";
import { MOST_SUMMED, visibleDays } from "./visible-days";
import type { TagTotal } from "./responses";

/** The sums of all SIMs that carry the tag now, in the period (this month) and the country. Throws `tag_forbidden`, `tag_not_found` and `usage_too_large`. */
export async function readTagTotal(
  db: Db,
  access: Access,
  tag_id: string,
  { filter }: TagUsageQuery,
): Promise<TagTotal> {
  checkTag(access, tag_id);
  const { accountId } = access;
  const { begin, end } = filter.time ?? monthOf(Date.now());
  const whose = { ...access, country: filter.country_code };
  const carrying = sql`SELECT sim_tags.sim_id FROM ${simsCarrying(accountId, [tag_id])}`;
  const [known, [total], [stored]] = await db.batch([
    statement(db, sql`SELECT id FROM tags WHERE id = ${tag_id} AND account_id = ${accountId}`),
    statement<Omit<TagTotal, "tag_id" | "as_of"> & { too_many: number }>(
      db,
      sql`
      SELECT ${SUM_OF_BYTES} AS bytes, ${sumText(sql`upload`)} AS upload, ${sumText(sql`download`)} AS download,
        coalesce(sum(records), 0) AS records, (SELECT count(*) FROM (${carrying})) AS sims,
        count(*) > ${MOST_SUMMED} AS too_many
      FROM (SELECT * FROM ${visibleDays(whose, dayOf(begin), dayOf(end - 1), carrying)} LIMIT ${MOST_SUMMED + 1})`,
    ),
    newestStored(db, accountId),
  ]);
  if (known.length === 0 || !total) throw new ApiError("tag_not_found");
  if (total.too_many) throw new ApiError("usage_too_large");
  const { bytes, upload, download, records, sims } = total;
  return { tag_id, bytes, upload, download, records, sims, as_of: asOf(stored) };
}
