import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { ApiError } from "../errors";
import { simIdOf } from "./ref";

/** Adds a tag to a SIM. Throws `sim_not_found`, `tag_not_found` and `tag_already_on_sim`. */
export async function addTag(db: Db, accountId: string, ref: string, tagId: string): Promise<void> {
  const added = sql`json_insert(tags, '$[#]', ${tagId})`;
  const facts = await changeTags(db, accountId, { ref, tagId, after: added, carried: 0 });
  if (facts)
    throw new ApiError(
      facts.mine ? (facts.tag ? "tag_already_on_sim" : "tag_not_found") : "sim_not_found",
    );
}

/** Takes a tag from a SIM. Throws `sim_not_found`, `tag_not_found` and `tag_not_on_sim`. */
export async function removeTag(
  db: Db,
  accountId: string,
  ref: string,
  tagId: string,
): Promise<void> {
  const left = sql`(SELECT json_group_array(value) FROM json_each(tags) WHERE value <> ${tagId})`;
  const facts = await changeTags(db, accountId, { ref, tagId, after: left, carried: 1 });
  if (facts)
    throw new ApiError(
      facts.mine ? (facts.tag ? "tag_not_on_sim" : "tag_not_found") : "sim_not_found",
    );
}

interface Tagging {
  ref: string;
  tagId: string;
  /** `tags` afterwards. */
  after: SQL;
  /** Whether the SIM must carry the tag before. */
  carried: 0 | 1;
}

/** Answers nothing when done, else what the refusal is told from. */
async function changeTags(
  db: Db,
  accountId: string,
  { ref, tagId, after, carried }: Tagging,
): Promise<{ mine: number; tag: number } | undefined> {
  const its = sql`sims.account_id = ${accountId} AND sims.id = ${simIdOf(accountId, ref)}`;
  const known = sql`EXISTS (SELECT 1 FROM tags WHERE tags.id = ${tagId} AND tags.account_id = ${accountId})`;
  const [changed, [facts]] = await db.batch([
    statement<{ id: string }>(
      db,
      sql`UPDATE sims SET tags = ${after}, version = version + 1 WHERE ${its} AND ${known}
        AND EXISTS (SELECT 1 FROM json_each(sims.tags) WHERE value = ${tagId}) = ${carried} RETURNING id`,
    ),
    statement<{ mine: number; tag: number }>(
      db,
      sql`SELECT EXISTS (SELECT 1 FROM sims WHERE ${its}) AS mine, ${known} AS tag`,
    ),
  ]);
  return changed.length > 0 ? undefined : (facts ?? { mine: 0, tag: 0 });
}
