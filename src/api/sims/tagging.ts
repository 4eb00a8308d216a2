import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { ApiError, type ErrorCode } from "../../platform/errors";
import { LIMITS } from "../../platform/limits";
import { checkTag, mayRetag } from "../../access/visibility";
import { type Condition, etag, fits, TAG_OF_SIM } from "./patch/etag";
import { isNamed } from "./find-by-ref";

/**
 * Adds a tag to a SIM; answers its ETag then. Throws `tag_forbidden`, `sim_not_found`, `changed_meanwhile`, `tag_not_found`,
 * `tag_already_on_sim` and `tag_limit_reached`.
 */
export function addTag(
  db: Db,
  access: Access,
  ref: string,
  tagId: string,
  condition?: Condition,
): Promise<string> {
  checkTag(access, tagId);
  const after = sql`json_insert(tags, '$[#]', ${tagId})`;
  const may = sql`NOT ${carries(tagId)} AND json_array_length(tags) < ${LIMITS.tagsOfSim.most}`;
  return changeTags(db, access, { ref, tagId, after, may, condition }, ({ carried }) =>
    carried ? "tag_already_on_sim" : "tag_limit_reached",
  );
}

/** Takes a tag from a SIM; answers its ETag then. Throws `tag_forbidden`, `sim_not_found`, `changed_meanwhile`, `tag_not_found` and `tag_not_on_sim`. */
export function removeTag(
  db: Db,
  access: Access,
  ref: string,
  tagId: string,
  condition?: Condition,
): Promise<string> {
  checkTag(access, tagId);
  const after = sql`(SELECT json_group_array(value) FROM json_each(sims.tags) WHERE value <> ${tagId})`;
  const may = sql`${carries(tagId)} AND ${mayRetag(access, sql`sims.tags`, after)}`;
  return changeTags(db, access, { ref, tagId, after, may, condition }, ({ carried }) =>
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
  condition: Condition;
}

/** What a refusal is told from, read in the transaction that refused; `carried` is null where the SIM is not the account's. */
interface Facts {
  carried: number | null;
  fits: number | null;
  tag: number;
}

async function changeTags(
  db: Db,
  access: Access,
  { ref, tagId, after, may, condition }: Tagging,
  whyNot: (facts: Facts) => ErrorCode,
): Promise<string> {
  const its = isNamed(access, ref);
  const known = sql`EXISTS (SELECT 1 FROM tags WHERE tags.id = ${tagId} AND tags.account_id = ${access.accountId})`;
  const [[changed], [facts]] = await db.batch([
    statement<{ tag: string }>(
      db,
      sql`UPDATE sims SET tags = ${after}, version = version + 1
        WHERE ${its} AND ${known} AND ${may} AND ${fits(condition)} RETURNING ${TAG_OF_SIM} AS tag`,
    ),
    statement<Facts>(
      db,
      sql`SELECT (SELECT ${carries(tagId)} FROM sims WHERE ${its}) AS carried,
        (SELECT ${fits(condition)} FROM sims WHERE ${its}) AS fits, ${known} AS tag`,
    ),
  ]);
  if (changed) return etag(changed.tag);
  if (!facts || facts.carried === null) throw new ApiError("sim_not_found");
  if (!facts.fits) throw new ApiError("changed_meanwhile");
  throw new ApiError(facts.tag ? whyNot(facts) : "tag_not_found");
}
