import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { connectors, sims, type StoredSecret } from "../db/tables";
import { ApiError } from "../errors";
import { seal } from "../secrets";
import { type Connector, type ConnectorInput, SECRETS } from "./schemas";

/** The account's connector. Throws `connector_not_found`. */
export async function findConnector(db: Db, accountId: string, id: string): Promise<Connector> {
  const [found] = await db.select().from(connectors).where(its(accountId, id));
  if (!found) throw new ApiError("connector_not_found");
  const meta = Object.fromEntries(
    SECRETS[found.type].map((name) => {
      const secret = found.secrets[name];
      return [name, { is_set: !!secret, last_updated_at: secret?.last_updated_at ?? null }];
    }),
  );
  const { type, options, passthrough } = found;
  return { id, type, options, passthrough, meta };
}

/** Creates a connector; its secrets are sealed with `encryptionKey`. Throws `id_conflict`. */
export async function createConnector(
  db: Db,
  accountId: string,
  connector: ConnectorInput,
  encryptionKey: string,
): Promise<void> {
  const { id, type, passthrough } = connector;
  const { options, secrets } = await sealSecrets(accountId, connector, encryptionKey);
  const kept: Record<string, StoredSecret> = {};
  for (const [name, secret] of Object.entries(secrets)) if (secret) kept[name] = secret;
  const created = await db
    .insert(connectors)
    .values({ accountId, id, type, options, passthrough, secrets: kept, createdAt: Date.now() })
    .onConflictDoNothing()
    .returning({ id: connectors.id });
  if (created.length === 0) throw new ApiError("id_conflict");
}

/** Replaces a connector; a secret that is left out stays, unless the type changes. Throws `connector_not_found`. */
export async function replaceConnector(
  db: Db,
  accountId: string,
  connector: ConnectorInput,
  encryptionKey: string,
): Promise<void> {
  const { id, type, passthrough } = connector;
  const { options, secrets } = await sealSecrets(accountId, connector, encryptionKey);
  // A merge patch (RFC 7396): null takes a secret away, and what it does not name stays.
  const before = sql`CASE WHEN ${connectors.type} = ${type} THEN ${connectors.secrets} ELSE '{}' END`;
  const replaced = await db
    .update(connectors)
    .set({
      type,
      options,
      passthrough,
      secrets: sql`json_patch(${before}, ${JSON.stringify(secrets)})`,
    })
    .where(its(accountId, id))
    .returning({ id: connectors.id });
  if (replaced.length === 0) throw new ApiError("connector_not_found");
}

/** Deletes a connector that no SIM uses. Throws `connector_not_found` and `connector_in_use`. */
export async function deleteConnector(db: Db, accountId: string, id: string): Promise<void> {
  const used = sql`EXISTS (SELECT 1 FROM ${sims} WHERE ${sims.accountId} = ${accountId} AND ${sims.connectorId} = ${id})`;
  const [deleted, left] = await db.batch([
    db
      .delete(connectors)
      .where(and(its(accountId, id), sql`NOT ${used}`))
      .returning({ id: connectors.id }),
    db.select({ id: connectors.id }).from(connectors).where(its(accountId, id)),
  ]);
  if (deleted.length > 0) return;
  throw new ApiError(left.length > 0 ? "connector_in_use" : "connector_not_found");
}

function its(accountId: string, id: string) {
  return and(eq(connectors.accountId, accountId), eq(connectors.id, id));
}

/** Parts what may be read back from what is sealed; a secret given as null stays null. */
async function sealSecrets(accountId: string, connector: ConnectorInput, encryptionKey: string) {
  const names: readonly string[] = SECRETS[connector.type];
  const last_updated_at = new Date().toISOString();
  const options: Record<string, string | number> = {};
  const secrets: Record<string, StoredSecret | null> = {};
  for (const [name, value] of Object.entries(connector.options)) {
    if (value === undefined) continue;
    if (value === null) secrets[name] = null;
    else if (!names.includes(name)) options[name] = value;
    else {
      const place = `connectors/${accountId}/${connector.id}/${name}`;
      secrets[name] = { sealed: await seal(encryptionKey, place, String(value)), last_updated_at };
    }
  }
  return { options, secrets };
}
