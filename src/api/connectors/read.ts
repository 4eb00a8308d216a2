import { and, eq, sql } from "drizzle-orm";
import * as z from "zod";
import type { Access } from "../../access/access";
import type { Db } from "../../db/client";
import { connectors } from "../../db/tables";
import { MET } from "../../db/scan";
import { withinBytes } from "../../db/page-bytes";
import { valueOf } from "../../db/value-of";
import { ApiError } from "../../platform/errors";
import type { Pagination } from "../../http/responses";
import { pageOfMet } from "../../http/pagination";
import { TAG_BYTES, tagsOn } from "../tags/on-things";
import { isVisible } from "../../access/visibility";
import { SECRETS } from "./options";
import type { Connector } from "./schemas";
import type { Tag } from "../tags/responses";

/** Where a page of connectors ended: when the last one was made, and its id. */
export const ConnectorPosition = z.tuple([z.int(), z.string()]);
export type ConnectorPosition = z.output<typeof ConnectorPosition>;

/** Bytes of a connector beside its options, passthrough and tags, at most. */
const OWN_BYTES = 700;

/** A page of the visible connectors, oldest first. */
export async function listConnectors(
  db: Db,
  access: Access,
  { limit, next_page: after }: { limit: number; next_page?: ConnectorPosition | undefined },
): Promise<{ connectors: Connector[]; pagination: Pagination }> {
  const behind = after && sql`(created_at, id) > (${after[0]}, ${after[1]})`;
  const some = withinBytes(sql`
    SELECT id AS some_id, ${OWN_BYTES} + octet_length(options) + octet_length(passthrough)
      + json_array_length(tags) * ${TAG_BYTES} AS bytes
    FROM connectors WHERE ${and(isVisibleRow(access), behind)} ORDER BY created_at, id LIMIT ${limit + 1}`);
  const rows = await db
    .select({ ...shown(access), ...MET })
    .from(sql`(${some}) CROSS JOIN connectors`)
    .where(and(eq(connectors.accountId, access.accountId), sql`connectors.id = some_id`));
  const cut = pageOfMet(rows, limit, (row) => [row.createdAt, row.id]);
  return { connectors: cut.rows.map(asConnector), pagination: cut.pagination };
}

/** The visible connector. Throws `connector_not_found`. */
export async function findConnector(db: Db, access: Access, id: string): Promise<Connector> {
  const [found] = await selectConnector(db, access, id);
  if (!found) throw new ApiError("connector_not_found");
  return asConnector(found);
}

/** Selects the connector for {@link asConnector}, for a batch too. */
export function selectConnector(db: Db, access: Access, id: string) {
  return db.select(shown(access)).from(connectors).where(its(access, id));
}

export function its(access: Access, id: string) {
  return and(isVisibleRow(access), eq(connectors.id, id));
}

function isVisibleRow(access: Access) {
  return and(eq(connectors.accountId, access.accountId), isVisible(access, sql`connectors.tags`));
}

type Row = Omit<typeof connectors.$inferSelect, "tags" | "secrets" | "accountId"> & {
  tags: Tag[];
  /** When each secret that is set was set. */
  setAt: Record<string, string>;
};

export function asConnector(row: Row): Connector {
  const { id, type, options, passthrough, tags } = row;
  const meta = Object.fromEntries(
    SECRETS[type].map((name) => {
      const setAt = row.setAt[name];
      return [name, { is_set: setAt !== undefined, last_updated_at: setAt ?? null }];
    }),
  );
  return { id, type, options, passthrough, tags, meta };
}

/** A connector's row with its tags as they are answered; its secrets, which may be large, stay in the database. */
function shown(access: Access) {
  const setAt = sql<Record<string, string>>`(
    SELECT json_group_object(key, value ->> 'last_updated_at') FROM json_each(${connectors.secrets}))`;
  return {
    id: valueOf(connectors.id),
    type: valueOf(connectors.type),
    options: valueOf(connectors.options),
    passthrough: valueOf(connectors.passthrough),
    createdAt: valueOf(connectors.createdAt),
    tags: tagsOn(sql`connectors.tags`, access),
    setAt: setAt.mapWith(JSON.parse).as("set_at"),
  };
}
