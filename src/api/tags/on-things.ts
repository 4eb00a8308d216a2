import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { listed } from "../../db/client";
import { isListed } from "../keys/listed";
import type { Tag } from "./responses";

/** Bytes of one of {@link tagsOn} as it is answered, at most. */
export const TAG_BYTES = 550;

/** The tags whose ids a column holds, as JSON, in the column's order. */
export function tagsOn(column: SQL, access: Access) {
  return sql`(
    SELECT json_group_array(json_object('name', name, 'id', id, 'can_write', json(can_write), 'color', color))
    FROM (
      SELECT tags.id, tags.name, tags.color, ${canWrite(access)} AS can_write FROM json_each(${column}) AS carried
      CROSS JOIN tags ON tags.id = carried.value AND tags.account_id = ${access.accountId}
      ORDER BY carried.key
    ))`.mapWith((text: string): Tag[] => JSON.parse(text));
}

/** Whether things that carry a tag (a row of `tags`) are visible, as JSON. */
function canWrite({ tags: own }: Access): SQL {
  if (own === null) return sql`'true'`;
  return sql`iif(tags.id IN ${listed(own)}, 'true', 'false')`;
}

/** Whether anything of the account carries the tag, or a key that is listed is limited to it. */
export function tagInUse(accountId: string, id: string): SQL {
  const carriedIn = (table: string) => sql`EXISTS (
    SELECT 1 FROM ${sql.raw(table)} AS thing CROSS JOIN json_each(thing.tags)
    WHERE thing.account_id = ${accountId} AND value = ${id})`;
  return sql`(
    EXISTS (SELECT 1 FROM sim_tags WHERE account_id = ${accountId} AND tag_id = ${id})
    OR ${carriedIn("connectors")} OR ${carriedIn("network_lists")} OR ${carriedIn("webhooks")}
    OR EXISTS (
      SELECT 1 FROM api_keys CROSS JOIN json_each(api_keys.tags)
      WHERE api_keys.account_id = ${accountId} AND ${isListed(Date.now())} AND value = ${id}))`;
}
