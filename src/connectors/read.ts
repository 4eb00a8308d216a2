import { and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { Reach } from "../auth/reach";
import type { Db } from "../db/client";
import { connectors } from "../db/tables";
import { ApiError } from "../errors";
import { tagsOn } from "../tags/on-things";
import { within } from "../tags/within";
import { SECRETS } from "./options";
import type { Connector } from "./schemas";
import type { Tag } from "../tags/answers";

/** The connectors within reach, oldest first. */
export async function listConnectors(db: Db, reach: Reach): Promise<Connector[]> {
  const rows = await db
    .select(shown(reach))
    .from(connectors)
    .where(isWithin(reach))
    .orderBy(asc(connectors.createdAt), asc(connectors.id));
  return rows.map(asConnector);
}

/** The connector within reach. Throws `connector_not_found`. */
export async function findConnector(db: Db, reach: Reach, id: string): Promise<Connector> {
  const [found] = await selectConnector(db, reach, id);
  if (!found) throw new ApiError("connector_not_found");
  return asConnector(found);
}

/** Selects the connector for {@link asConnector}, for a batch too. */
export function selectConnector(db: Db, reach: Reach, id: string) {
  return db.select(shown(reach)).from(connectors).where(its(reach, id));
}

export function its(reach: Reach, id: string) {
  return and(isWithin(reach), eq(connectors.id, id));
}

function isWithin(reach: Reach) {
  return and(eq(connectors.accountId, reach.accountId), within(reach, sql`connectors.tags`));
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
function shown(reach: Reach) {
  return { ...getTableColumns(connectors), tags: tagsOn(sql`connectors.tags`, reach) };
}
