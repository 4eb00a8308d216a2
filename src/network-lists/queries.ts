import { and, asc, eq, sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { networkLists } from "../db/tables";
import { ApiError } from "../errors";
import { tagsExist, tagsOn } from "../tags/on-things";
import type { NetworkList, NetworkListInput, NetworkListPatch } from "./schemas";

/** The account's network lists, by name. */
export function listNetworkLists(db: Db, accountId: string): Promise<NetworkList[]> {
  return db
    .select(shown(accountId))
    .from(networkLists)
    .where(eq(networkLists.accountId, accountId))
    .orderBy(asc(networkLists.name));
}

/** The account's network list. Throws `network_whitelist_not_found`. */
export async function findNetworkList(
  db: Db,
  accountId: string,
  name: string,
): Promise<NetworkList> {
  const [found] = await selectOne(db, accountId, name);
  if (!found) throw new ApiError("network_whitelist_not_found");
  return found;
}

/** Makes a network list. Throws `tag_not_found` and `name_conflict`. */
export async function createNetworkList(
  db: Db,
  accountId: string,
  { name, networks, tags }: NetworkListInput,
): Promise<NetworkList> {
  const [created, [facts], [made]] = await db.batch([
    statement<{ name: string }>(
      db,
      sql`
      INSERT INTO network_lists (account_id, name, networks, tags, created_at)
      SELECT ${accountId}, ${name}, ${JSON.stringify(networks)}, ${JSON.stringify(tags)}, ${Date.now()}
      WHERE ${tagsExist(accountId, tags)}
      ON CONFLICT DO NOTHING RETURNING name`,
    ),
    db.select({ tagsExist: tagsExist(accountId, tags).as("tags_exist") }).from(sql`(SELECT 1)`),
    selectOne(db, accountId, name),
  ]);
  if (created.length === 0 || !made)
    throw new ApiError(facts?.tagsExist ? "name_conflict" : "tag_not_found");
  return made;
}

/** Replaces what the patch names. Throws `network_whitelist_not_found` and `tag_not_found`. */
export async function changeNetworkList(
  db: Db,
  accountId: string,
  name: string,
  { networks, tags }: NetworkListPatch,
): Promise<NetworkList> {
  const [changed, [found]] = await db.batch([
    db
      .update(networkLists)
      .set({
        // An update has to name a column; the name stays as it is.
        name: sql`${networkLists.name}`,
        ...(networks && { networks }),
        ...(tags && { tags }),
      })
      .where(and(its(accountId, name), tagsExist(accountId, tags)))
      .returning({ name: networkLists.name }),
    selectOne(db, accountId, name),
  ]);
  if (!found) throw new ApiError("network_whitelist_not_found");
  if (changed.length === 0) throw new ApiError("tag_not_found");
  return found;
}

/** Deletes a network list that no SIM has. Throws `network_whitelist_not_found` and `network_whitelist_in_use`. */
export async function deleteNetworkList(db: Db, accountId: string, name: string): Promise<void> {
  const used = sql`EXISTS (SELECT 1 FROM sims WHERE account_id = ${accountId} AND network_list = ${name})`;
  const [deleted, left] = await db.batch([
    db
      .delete(networkLists)
      .where(and(its(accountId, name), sql`NOT ${used}`))
      .returning({ name: networkLists.name }),
    db.select({ name: networkLists.name }).from(networkLists).where(its(accountId, name)),
  ]);
  if (deleted.length > 0) return;
  throw new ApiError(left.length > 0 ? "network_whitelist_in_use" : "network_whitelist_not_found");
}

function its(accountId: string, name: string) {
  return and(eq(networkLists.accountId, accountId), eq(networkLists.name, name));
}

function selectOne(db: Db, accountId: string, name: string) {
  return db.select(shown(accountId)).from(networkLists).where(its(accountId, name));
}

/** A network list as the API answers it. */
function shown(accountId: string) {
  return {
    name: networkLists.name,
    tags: tagsOn(sql`network_lists.tags`, accountId),
    networks: networkLists.networks,
  };
}
