import { and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { connectors } from "../db/tables";
import { ApiError } from "../errors";
import { tagsOn } from "../tags/on-things";
import type { Tag } from "../tags/schemas";
import { SECRETS } from "./options";
import type { Connector } from "./schemas";

/** The account's connectors, oldest first. */
export async function listConnectors(db: Db, accountId: string): Promise<Connector[]> {
  const rows = await db
    .select(shown(accountId))
    .from(connectors)
    .where(eq(connectors.accountId, accountId))
    .orderBy(asc(connectors.createdAt), asc(connectors.id));
  return rows.map(asConnector);
}

/** The account's connector. Throws `connector_not_found`. */
export async function findConnector(db: Db, accountId: string, id: string): Promise<Connector> {
  const [found] = await selectConnector(db, accountId, id);
  if (!found) throw new ApiError("connector_not_found");
  return asConnector(found);
}

/** Selects the connector for {@link asConnector}, for a batch too. */
export function selectConnector(db: Db, accountId: string, id: string) {
  return db.select(shown(accountId)).from(connectors).where(its(accountId, id));
}

export function its(accountId: string, id: string) {
  return and(eq(connectors.accountId, accountId), eq(connectors.id, id));
}

type Row = Omit<typeof connectors.$inferSelect, "tags"> & { tags: Tag[] };

export function asConnector(row: Row): Connector {
  const { id, type, options, passthrough, tags } = row;
  const meta = Object.fromEntries(
    SECRETS[type].map((name) => {
      const secret = row.secrets[name];
      return [name, { is_set: !!secret, last_updated_at: secret?.last_updated_at ?? null }];
    }),
  );
  return { id, type, options, passthrough, tags, meta };
}

/** A connector's row with its tags as they are answered. */
function shown(accountId: string) {
  return { ...getTableColumns(connectors), tags: tagsOn(sql`connectors.tags`, accountId) };
}
