import { type SQL, sql } from "drizzle-orm";
import type { Access } from "./access";
import { listed } from "../db/client";
import { ApiError, type ErrorCode } from "../platform/errors";

/** True where the key may see a thing with this column of tags. */
export function isVisible({ tags }: Access, column: SQL): SQL<number> {
  if (tags === null) return sql`1`;
  return sql`EXISTS (SELECT 1 FROM json_each(${column}) WHERE value IN ${listed(tags)})`;
}

/** True where the key may see a thing and each of its tags. */
export function isWhollyVisible(access: Access, column: SQL): SQL<number> {
  if (access.tags === null) return sql`1`;
  return sql`(${isVisible(access, column)} AND NOT EXISTS (
    SELECT 1 FROM json_each(${column}) WHERE value NOT IN ${listed(access.tags)}))`;
}

/**
 * True where the key may see the SIM with this id. A narrowed key sees nothing of an earlier SIM of this id: not
 * what was written down at a time (`at`, in milliseconds) before the SIM was made, nor what happened (`time`) before that.
 */
export function isSimVisible(access: Access, simId: SQL, at?: SQL, time?: SQL): SQL<number> {
  if (access.tags === null) return sql`1`;
  const inThisLife = at === undefined ? sql`` : sql`AND its.created_at <= ${at}`;
  const sinceVisible = time === undefined ? sql`` : sql`AND its.visible_from <= ${time}`;
  return sql`EXISTS (
    SELECT 1 FROM sims AS its WHERE its.id = ${simId} AND its.account_id = ${access.accountId} ${inThisLife} ${sinceVisible}
      AND ${isVisible(access, sql`its.tags`)})`;
}

/** The first moment (ms) that the key may see of a visible SIM. */
export function visibleFrom({ accountId, tags }: Access, simId: SQL): SQL<number> {
  if (tags === null) return sql`0`;
  return sql`coalesce((SELECT visible_from FROM sims AS its WHERE its.id = ${simId} AND its.account_id = ${accountId}), 0)`;
}

/** `... WHERE ...` of the SIMs that carry one of some tags, as `sim_tags`: one that carries two is there twice. */
export function simsCarrying(accountId: string, tags: readonly string[]): SQL {
  return sql`sim_tags WHERE sim_tags.account_id = ${accountId} AND sim_tags.tag_id IN ${listed(tags)}`;
}

/**
 * Whether a thing's tags (JSON) may become others: a narrowed key adds and takes away its own only, and leaves one of
 * them, so that the thing stays visible to it.
 */
export function mayRetag({ tags }: Access, before: SQL, after: SQL): SQL<number> {
  if (tags === null) return sql`1`;
  const own = listed(tags);
  const list = (json: SQL) => sql`(SELECT value FROM json_each(${json}))`;
  const others = (from: SQL, to: SQL) =>
    sql`EXISTS (SELECT 1 FROM json_each(${from}) WHERE value NOT IN ${own} AND value NOT IN ${list(to)})`;
  return sql`(NOT ${others(before, after)} AND NOT ${others(after, before)}
    AND EXISTS (SELECT 1 FROM json_each(${after}) WHERE value IN ${own}))`;
}

/** Whether a thing may be given tags in place of those of its column; not given: yes. {@link whyNotRetagged} says why not. */
export function mayBecome(
  access: Access,
  column: SQL,
  tags: readonly string[] | undefined,
): SQL<number> {
  if (!tags) return sql`1`;
  const retagged = mayRetag(access, column, sql`${JSON.stringify(tags)}`);
  return sql`(${tagsExist(access.accountId, tags)} AND ${retagged})`;
}

/** A narrowed key's own tags exist: what does not is none of them. */
export function whyNotRetagged({ tags }: Access): ErrorCode {
  return tags === null ? "tag_not_found" : "tag_forbidden";
}

/** The tags of a new thing: a narrowed key's own where none is named. Throws `tag_forbidden` for others. */
export function tagsOfNew({ tags: own }: Access, given: readonly string[]): readonly string[] {
  if (own === null) return given;
  const tags = given.length > 0 ? given : own;
  if (tags.length === 0 || !tags.every((tag) => own.includes(tag)))
    throw new ApiError("tag_forbidden");
  return tags;
}

/** Throws `tag_forbidden` where the key is narrowed, and not to this tag. */
export function checkTag({ tags }: Access, tagId: string): void {
  if (tags !== null && !tags.includes(tagId)) throw new ApiError("tag_forbidden");
}

/** The account, for what is no single thing's. Throws `tag_forbidden` where the key is narrowed. */
export function wholeAccount({ accountId, tags }: Access): string {
  if (tags !== null) throw new ApiError("tag_forbidden");
  return accountId;
}

/** Whether the account has all of these tags; true where none is given. */
export function tagsExist(accountId: string, ids: readonly string[] | undefined): SQL<number> {
  if (!ids || ids.length === 0) return sql<number>`1`;
  return sql<number>`NOT EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(ids)}) AS given
    WHERE NOT EXISTS (SELECT 1 FROM tags WHERE tags.id = given.value AND tags.account_id = ${accountId}))`;
}
