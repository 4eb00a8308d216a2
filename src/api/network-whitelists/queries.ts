import { and, eq, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { networkLists } from "../../db/tables";
import { MET } from "../../db/scan";
import { withinBytes } from "../../db/page-bytes";
import { valueOf } from "../../db/value-of";
import { ApiError } from "../../platform/errors";
import type { Pagination } from "../../http/responses";
import { pageOfMet } from "../../http/pagination";
import { LIMITS } from "../../platform/limits";
import { TAG_BYTES, tagsOn } from "../tags/on-things";
import {
  isVisible,
  mayBecome,
  tagsExist,
  tagsOfNew,
  whyNotRetagged,
} from "../../access/visibility";
import type { NetworkListInput, NetworkListPatch } from "./schemas";
import type { NetworkList } from "./responses";

/** Bytes of a network list beside its networks and tags, at most. */
const OWN_BYTES = 450;

/** A page of the visible network lists, by name. */
export async function listNetworkLists(
  db: Db,
  access: Access,
  { limit, next_page: after }: { limit: number; next_page?: string | undefined },
): Promise<{ lists: NetworkList[]; pagination: Pagination }> {
  const behind = after === undefined ? undefined : sql`name > ${after}`;
  const some = withinBytes(sql`
    SELECT name AS some_name, ${OWN_BYTES} + octet_length(networks) + json_array_length(tags) * ${TAG_BYTES} AS bytes
    FROM network_lists WHERE ${and(isVisibleRow(access), behind)} ORDER BY name LIMIT ${limit + 1}`);
  const found = await db
    .select({ ...shown(access), ...MET })
    .from(sql`(${some}) CROSS JOIN network_lists`)
    .where(and(eq(networkLists.accountId, access.accountId), sql`network_lists.name = some_name`));
  const { rows, pagination } = pageOfMet(found, limit, ({ name }) => name);
  const lists = rows.map(({ name, tags, networks }) => ({ name, tags, networks }));
  return { lists, pagination };
}

/** The visible network list. Throws `network_whitelist_not_found`. */
export async function findNetworkList(db: Db, access: Access, name: string): Promise<NetworkList> {
  const [found] = await selectOne(db, access, name);
  if (!found) throw new ApiError("network_whitelist_not_found");
  return found;
}

/** Makes a network list. Throws `tag_forbidden`, `tag_not_found`, `name_conflict` and `network_whitelist_limit_reached`. */
export async function createNetworkList(
  db: Db,
  access: Access,
  { name, networks, ...given }: NetworkListInput,
): Promise<NetworkList> {
  const tags = tagsOfNew(access, given.tags);
  const lists = sql`network_lists WHERE account_id = ${access.accountId}`;
  const hasRoom = sql`(SELECT count(*) FROM ${lists}) < ${LIMITS.networkLists.most}`;
  const taken = sql<number>`EXISTS (SELECT 1 FROM ${lists} AND name = ${name})`;
  const [created, [facts], [made]] = await db.batch([
    statement<{ name: string }>(
      db,
      sql`
      INSERT INTO network_lists (account_id, name, networks, tags, created_at)
      SELECT ${access.accountId}, ${name}, ${JSON.stringify(networks)}, ${JSON.stringify(tags)}, ${Date.now()}
      WHERE ${tagsExist(access.accountId, tags)} AND ${hasRoom}
      ON CONFLICT DO NOTHING RETURNING name`,
    ),
    db
      .select({
        tagsExist: tagsExist(access.accountId, tags).as("tags_exist"),
        taken: taken.as("taken"),
      })
      .from(sql`(SELECT 1)`),
    selectOne(db, access, name),
  ]);
  if (created.length === 0 || !made) {
    if (!facts?.tagsExist) throw new ApiError("tag_not_found");
    throw new ApiError(facts.taken ? "name_conflict" : "network_whitelist_limit_reached");
  }
  return made;
}

/** Replaces what the patch names. Throws `network_whitelist_not_found`, `tag_forbidden` and `tag_not_found`. */
export async function changeNetworkList(
  db: Db,
  access: Access,
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
      .where(and(its(access, name), mayBecome(access, sql`network_lists.tags`, tags)))
      .returning({ name: networkLists.name }),
    selectOne(db, access, name),
  ]);
  if (!found) throw new ApiError("network_whitelist_not_found");
  if (changed.length === 0) throw new ApiError(whyNotRetagged(access));
  return found;
}

/** Deletes a network list that no SIM has. Throws `network_whitelist_not_found` and `network_whitelist_in_use`. */
export async function deleteNetworkList(db: Db, access: Access, name: string): Promise<void> {
  const used = sql`EXISTS (SELECT 1 FROM sims WHERE account_id = ${access.accountId} AND network_list = ${name})`;
  const [deleted, left] = await db.batch([
    db
      .delete(networkLists)
      .where(and(its(access, name), sql`NOT ${used}`))
      .returning({ name: networkLists.name }),
    db.select({ name: networkLists.name }).from(networkLists).where(its(access, name)),
  ]);
  if (deleted.length > 0) return;
  throw new ApiError(left.length > 0 ? "network_whitelist_in_use" : "network_whitelist_not_found");
}

function its(access: Access, name: string) {
  return and(isVisibleRow(access), eq(networkLists.name, name));
}

function isVisibleRow(access: Access) {
  return and(
    eq(networkLists.accountId, access.accountId),
    isVisible(access, sql`network_lists.tags`),
  );
}

function selectOne(db: Db, access: Access, name: string) {
  return db.select(shown(access)).from(networkLists).where(its(access, name));
}

/** A network list as the API answers it. */
function shown(access: Access) {
  return {
    name: valueOf(networkLists.name),
    tags: tagsOn(sql`network_lists.tags`, access),
    networks: valueOf(networkLists.networks),
  };
}
