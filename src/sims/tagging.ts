import { type SQL, sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import { type Db, statement } from "../db/client";
import { ApiError, type ErrorCode } from "../errors";
import { checkTag, mayRetag } from "../tags/within";
import { isNamed } from "./ref";

/** Tags that a SIM may carry. */
const MOST_TAGS = 100;

/**
 * Adds a tag to a SIM. Throws `tag_forbidden`, `sim_not_found`, `tag_not_found`,
 * `tag_already_on_sim` and `tag_limit_reached`.
 */
export function addTag(db: Db, reach: Reach, ref: string, tagId: string): Promise<void> {
  checkTag(reach, tagId);
  const after = sql`json_insert(tags, '$[#]', ${tagId})`;
  const may = sql`NOT ${carries(tagId)} AND json_array_length(tags) < ${MOST_TAGS}`;
  return changeTags(db, reach, { ref, tagId, after, may }, ({ carried }) =>
    carried ? "tag_already_on_sim" : "tag_limit_reached",
  );
}

/** Takes a tag from a SIM. Throws `tag_forbidden`, `sim_not_found`, `tag_not_found` and `tag_not_on_sim`. */
export function removeTag(db: Db, reach: Reach, ref: string, tagId: string): Promise<void> {
  const after = sql`(SELECT json_group_array(value) FROM json_each(sims.tags) WHERE value <> ${tagId})`;
  const may = sql`${carries(tagId)} AND ${mayRetag(reach, sql`sims.tags`, after)}`;
  checkTag(reach, tagId);
  return changeTags(db, reach, { ref, tagId, after, may }, ({ carried }) =>
    carried ? "tag_forbidden" : "tag_not_on_sim",
  );
}

function carries(tagId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM json_each(sims.tags) WHERE value = ${tagId})`;
}

interface Tagging {
  ref: string;
  tagId: string;
  /** `tags` afterwards. */
  after: SQL;
  /** Whether the SIM may be changed so. */
  may: SQL;
}

/** What a refusal is told from, read in the transaction that refused; `carried` is null where the SIM is not the account's. */
interface Facts {
  carried: number | null;
  tag: number;
}

async function changeTags(
  db: Db,
  reach: Reach,
  { ref, tagId, after, may }: Tagging,
  whyNot: (facts: Facts) => ErrorCode,
): Promise<void> {
  const its = isNamed(reach, ref);
  const known = sql`EXISTS (SELECT 1 FROM tags WHERE tags.id = ${tagId} AND tags.account_id = ${reach.accountId})`;
  const [changed, [facts]] = await db.batch([
    statement<{ id: string }>(
      db,
      sql`UPDATE sims SET tags = ${after}, version = version + 1 WHERE ${its} AND ${known} AND ${may} RETURNING id`,
    ),
    statement<Facts>(
      db,
      sql`SELECT (SELECT ${carries(tagId)} FROM sims WHERE ${its}) AS carried, ${known} AS tag`,
    ),
  ]);
  if (changed.length > 0) return;
  if (!facts || facts.carried === null) throw new ApiError("sim_not_found");
  throw new ApiError(facts.tag ? whyNot(facts) : "tag_not_found");
}
