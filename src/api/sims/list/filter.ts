import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { isVisible } from "../../../access/visibility";
import type { Access } from "../../../access/access";
import { Imei } from "../../../http/scalars";
import { deviceOf } from "../../../pipeline/ingest/device";

const Flag = z.enum(["true", "false"]);
const Text = z.string().min(1).max(255);
/** A text that is no IMEI names no device. */
const DeviceText = z.union([Imei.transform(deviceOf), Text]);

/** What `GET /sims` filters by. */
export const SimFilter = z.strictObject({
  imei: DeviceText.optional(),
  tag: Text.optional(),
  connector: Text.optional(),
  network_whitelist: Text.optional(),
  country_code: Text.toLowerCase().optional(),
  activated: Flag.optional(),
  online: Flag.optional(),
});
export type SimFilter = z.output<typeof SimFilter>;
type Key = keyof SimFilter;

/** By which index each filter is read, those first that leave the fewest SIMs. */
const INDEXES: Record<Exclude<Key, "tag">, { index: string; column: string }> = {
  imei: { index: "sims_in_device", column: "device" },
  connector: { index: "sims_of_connector", column: "connector_id" },
  network_whitelist: { index: "sims_of_network_list", column: "network_list" },
  country_code: { index: "sims_in_country", column: "country_code" },
  activated: { index: "sims_by_active", column: "active" },
  online: { index: "sims_by_online", column: "online" },
};
const BY_SELECTIVITY: Key[] = [
  "imei",
  "tag",
  "connector",
  "network_whitelist",
  "country_code",
  "activated",
  "online",
];

/** Rows of `sims` and a condition on them: what is read through an index. */
export interface Source {
  from: SQL;
  where: SQL;
  /** The column of the SIM's id that is in the index's order. */
  id: string;
}

/** The filters' keys that are given, the most selective first; one that no index answers is the last. */
export function given(filter: SimFilter): Key[] {
  const keys = BY_SELECTIVITY.filter((key) => filter[key] !== undefined);
  return keys.toSorted((a, b) => Number(hasIndex(filter, b)) - Number(hasIndex(filter, a)));
}

/** The index of countries leaves out the SIMs that have none. */
export function hasIndex(filter: SimFilter, key: Key): boolean {
  return key !== "country_code" || filter.country_code !== NO_COUNTRY;
}

const NO_COUNTRY = "none";

/** Whether a filter may leave few SIMs of many. */
export function isSelective(key: Key): boolean {
  return key !== "online" && key !== "activated";
}

/** The account's SIMs in the order of an index. */
export function byIndex(access: Access, index: string): Source {
  return {
    from: sql`sims INDEXED BY ${sql.raw(index)}`,
    where: sql`sims.account_id = ${access.accountId}`,
    id: "sims.id",
  };
}

/** The account's SIMs that a filter leaves, read through its index in the order of their ids. */
export function byFilter(access: Access, filter: SimFilter, key: Key): Source {
  if (key === "tag")
    return {
      from: sql`sim_tags CROSS JOIN sims ON sims.id = sim_tags.sim_id`,
      where: sql`sim_tags.account_id = ${access.accountId} AND sim_tags.tag_id = ${tagId(access, filter.tag)} AND sims.account_id = ${access.accountId}`,
      id: "sim_tags.sim_id",
    };
  const source = byIndex(access, INDEXES[key].index);
  return { ...source, where: sql`${source.where} AND ${condition(access, filter, key)}` };
}

/** What SIMs must be to be visible and to pass the filters with these keys. */
export function conditions(access: Access, filter: SimFilter, keys: Key[]): SQL {
  return sql.join(
    [isVisible(access, sql`sims.tags`), ...keys.map((key) => condition(access, filter, key))],
    sql` AND `,
  );
}

function condition(access: Access, filter: SimFilter, key: Key): SQL {
  if (key === "activated" || key === "online")
    return sql`${sql.raw(`sims.${INDEXES[key].column}`)} = ${filter[key] === "true" ? 1 : 0}`;
  if (!hasIndex(filter, key)) return sql`sims.country_code IS NULL`;
  if (key !== "tag") return sql`${sql.raw(`sims.${INDEXES[key].column}`)} = ${filter[key]}`;
  return sql`EXISTS (
    SELECT 1 FROM sim_tags
    WHERE account_id = ${access.accountId} AND tag_id = ${tagId(access, filter.tag)} AND sim_id = sims.id)`;
}

/** A tag is named by its id, or by its name. */
function tagId(access: Access, tag = ""): SQL {
  return sql`coalesce(
    (SELECT id FROM tags WHERE account_id = ${access.accountId} AND name = ${tag}), ${tag.toLowerCase()})`;
}
