import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, listed } from "../../db/client";
import { accounts, tags } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { LIMITS } from "../../platform/limits";
import { tagInUse } from "./on-things";
import { wholeAccount } from "../../access/visibility";
import type { TagInput, TagPatch } from "./schemas";
import type { Tag, TagPage } from "./responses";

/** A page of the account's tags, by name; a narrowed key's own. */
export async function listTags(
  db: Db,
  access: Access,
  { limit, offset }: { limit: number; offset: number },
): Promise<TagPage> {
  const shown = and(eq(tags.accountId, access.accountId), isOwn(access));
  const [rows, [all]] = await db.batch([
    db.select().from(tags).where(shown).orderBy(asc(tags.name)).limit(limit).offset(offset),
    db
      .select({ total: sql<number>`count(*)`.as("total") })
      .from(tags)
      .where(shown),
  ]);
  const result = rows.map(asTag);
  return { count: result.length, limit, offset, total: all?.total ?? 0, result };
}

/** Makes a tag. Throws `tag_forbidden`, `name_conflict` and `tag_limit_reached`. */
export async function createTag(db: Db, access: Access, input: TagInput): Promise<Tag> {
  const accountId = wholeAccount(access);
  const row = { id: crypto.randomUUID(), ...input };
  const count = sql`(SELECT count(*) FROM tags WHERE account_id = ${accountId})`;
  const [created, [facts]] = await db.batch([
    db
      .insert(tags)
      .select(
        sql`SELECT ${row.id}, ${accountId}, ${row.name}, ${row.color}, ${Date.now()} WHERE ${count} < ${LIMITS.tags.most}`,
      )
      .onConflictDoNothing()
      .returning({ id: tags.id }),
    nameTaken(db, accountId, row),
  ]);
  if (created.length === 0)
    throw new ApiError(facts?.taken ? "name_conflict" : "tag_limit_reached");
  return asTag(row);
}

/** Changes what the patch names. Throws `tag_forbidden`, `tag_not_found` and `name_conflict`. */
export async function changeTag(db: Db, access: Access, id: string, patch: TagPatch): Promise<Tag> {
  const accountId = wholeAccount(access);
  const { name, color } = patch;
  const free = sql`NOT EXISTS (SELECT 1 FROM tags AS other WHERE other.account_id = ${accountId} AND other.name = ${name ?? null} AND other.id <> ${id})`;
  const [[changed], known] = await db.batch([
    db
      .update(tags)
      // An update has to name a column; the id stays as it is.
      .set({
        id: sql`${tags.id}`,
        ...(name !== undefined && { name }),
        ...(color !== undefined && { color }),
      })
      .where(and(its(accountId, id), free))
      .returning(),
    db.select({ id: tags.id }).from(tags).where(its(accountId, id)),
  ]);
  if (!changed) throw new ApiError(known.length > 0 ? "name_conflict" : "tag_not_found");
  return asTag(changed);
}

/** Deletes a tag that nothing carries. Throws `tag_forbidden`, `tag_not_found` and `tag_in_use`. */
export async function deleteTag(db: Db, access: Access, id: string): Promise<void> {
  const accountId = wholeAccount(access);
  const [deleted, left] = await db.batch([
    db
      .delete(tags)
      .where(and(its(accountId, id), sql`NOT ${tagInUse(accountId, id)}`))
      .returning({ id: tags.id }),
    db.select({ id: tags.id }).from(tags).where(its(accountId, id)),
  ]);
  if (deleted.length > 0) return;
  throw new ApiError(left.length > 0 ? "tag_in_use" : "tag_not_found");
}

/** All tags of the account by their ids, in one row; for what answers things that carry some. */
export function tagsOfAccount(db: Db, access: Access) {
  return db.select({ tags: accounts.tags }).from(accounts).where(eq(accounts.id, access.accountId));
}

/** What {@link tagsOfAccount} found, as a key is shown it. */
export function asShown(
  { tags: own }: Access,
  found: { tags: Record<string, Tag> } | undefined,
): Record<string, Tag> {
  const known = found?.tags ?? {};
  if (own === null) return known;
  const shown = (tag: Tag) => ({ ...tag, can_write: own.includes(tag.id) });
  return Object.fromEntries(Object.entries(known).map(([id, tag]) => [id, shown(tag)]));
}

function its(accountId: string, id: string) {
  return and(eq(tags.id, id), eq(tags.accountId, accountId));
}

function isOwn({ tags: own }: Access) {
  return own === null ? undefined : inArray(tags.id, listed(own));
}

function nameTaken(db: Db, accountId: string, { id, name }: { id: string; name: string }) {
  const taken = sql<number>`EXISTS (SELECT 1 FROM tags WHERE account_id = ${accountId} AND name = ${name} AND id <> ${id})`;
  return db.select({ taken: taken.as("taken") }).from(sql`(SELECT 1)`);
}

function asTag({ id, name, color }: Pick<Tag, "id" | "name" | "color">): Tag {
  return { name, id, can_write: true, color };
}
