import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../../access/access";
import type { ErrorCode } from "../../../platform/errors";
import type { Change } from "./input";
import { type Condition, fits } from "./etag";
import { isVisible, mayRetag } from "../../../access/visibility";
import { simIdOf } from "../find-by-ref";

/** What is known of a change; all that is yes or no is 1 or 0. */
export interface Judged {
  index: number;
  id: string | null;
  /** A change before it is for the same SIM. */
  repeated: number;
  mine: number;
  fits: number;
  /** Whether the caller's key may change its tags so. */
  retags: number;
  connector: number;
  networkList: number;
  tags: number;
  allowed: number;
}

/**
 * The changes with the ids of their SIMs, and of each whether it is allowed. A label must be free before the call, and of
 * two changes to one label the first is allowed: so what is allowed depends on no order in which rows are written.
 */
export function judged(access: Access, changes: readonly Change[], condition: Condition): SQL {
  const numbered = sql`
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY "index") > 1 AS repeated
    FROM (${resolved(access, changes)})`;
  const facts = sql`
    SELECT "index", change.id, patch, repeated, sims.id IS NOT NULL AS mine, ${fits(condition)} AS fits,
      ${connectorExists(access)} AS connector, ${networkListExists(access)} AS networkList,
      ${tagsExist(access)} AS tags, ${retags(access)} AS retags,
      ${labelIsFree(access)} AS labelIsFree, patch ->> 'label' AS label
    FROM (${numbered}) AS change LEFT JOIN sims ON sims.id = change.id AND +sims.account_id = ${access.accountId}`;
  const sound = sql`
    SELECT *, mine AND NOT repeated AND fits AND retags AND connector AND networkList AND tags AND labelIsFree AS sound
    FROM (${facts})`;
  const allowed = sql`
    SELECT *, sound AND (label IS NULL OR row_number() OVER (PARTITION BY sound, label ORDER BY "index") = 1) AS allowed
    FROM (${sound})`;
  return sql`SELECT *, min(allowed) OVER () AS allAllowed FROM (${allowed})`;
}

/** The changes with the ids of their SIMs. */
export function resolved(access: Access, changes: readonly Change[]): SQL {
  return sql`
    SELECT value ->> 'index' AS "index", ${simIdOf(access, sql`(value ->> 'ref')`)} AS id, value -> 'patch' AS patch
    FROM json_each(${JSON.stringify(changes)})`;
}

const connectorExists = (
  access: Access,
) => sql`(patch ->> 'connector' IS NULL OR patch ->> 'connector' IS sims.connector_id OR EXISTS (
  SELECT 1 FROM connectors WHERE account_id = ${access.accountId} AND connectors.id = patch ->> 'connector' AND ${isVisible(access, sql`connectors.tags`)}))`;
const networkListExists = (
  access: Access,
) => sql`(patch ->> 'network_whitelist' IS NULL OR patch ->> 'network_whitelist' IS sims.network_list OR EXISTS (
  SELECT 1 FROM network_lists WHERE account_id = ${access.accountId} AND name = patch ->> 'network_whitelist' AND ${isVisible(access, sql`network_lists.tags`)}))`;
const tagsExist = (access: Access) => sql`NOT EXISTS (
  SELECT 1 FROM json_each(patch -> 'tags') AS given
  WHERE NOT EXISTS (SELECT 1 FROM tags WHERE tags.id = given.value AND tags.account_id = ${access.accountId}))`;
const retags = (access: Access) =>
  sql`(json_type(patch, '$.tags') IS NULL OR ${mayRetag(access, sql`sims.tags`, sql`(patch -> 'tags')`)})`;
const labelIsFree = (access: Access) => sql`(patch ->> 'label' IS NULL OR NOT EXISTS (
  SELECT 1 FROM sims AS other
  WHERE other.account_id = ${access.accountId} AND other.alias = patch ->> 'label' AND other.id <> change.id))`;

/** Why a change is refused that is not allowed. */
export function whyNot(change: Judged | undefined): ErrorCode {
  if (!change?.mine) return "sim_not_found";
  if (change.repeated) return "change_invalid";
  if (!change.fits) return "changed_meanwhile";
  if (!change.retags) return "tag_forbidden";
  if (!change.connector) return "connector_not_found";
  if (!change.networkList) return "network_whitelist_not_found";
  return change.tags ? "label_conflict" : "tag_not_found";
}
