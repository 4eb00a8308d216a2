import { and, inArray, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { connectors, sims } from "../../db/tables";
import { ApiError, type ErrorCode } from "../../platform/errors";
import { LIMITS } from "../../platform/limits";
import type { EncryptionKeys } from "../../platform/crypto";
import { mayBecome, tagsExist, tagsOfNew, whyNotRetagged } from "../../access/visibility";
import type { ConnectorPatch } from "./fleet-schemas";
import { CONNECTOR_TYPES } from "./options";
import { asConnector, its, selectConnector } from "./read";
import type { Connector, NewConnector } from "./schemas";
import { sealSecrets } from "./seal-secrets";

/**
 * Makes a connector; its secrets are sealed with the first of `encryptionKeys`.
 * Throws `tag_forbidden`, `tag_not_found`, `taken` where the account has one of this id, and `connector_limit_reached`.
 */
export async function createConnector(
  db: Db,
  access: Access,
  connector: NewConnector,
  encryptionKeys: EncryptionKeys,
  taken: ErrorCode,
): Promise<Connector> {
  const { id, type, passthrough } = connector;
  const tags = tagsOfNew(access, connector.tags ?? []);
  const { options, secrets } = await sealSecrets(access.accountId, connector, encryptionKeys);
  const [created, [facts], [made]] = await db.batch([
    statement<{ id: string }>(
      db,
      // Patching nothing leaves out what is null.
      sql`
      INSERT INTO connectors (account_id, id, type, options, passthrough, secrets, tags, created_at)
      SELECT ${access.accountId}, ${id}, ${type}, json_patch('{}', ${options}), ${JSON.stringify(passthrough)},
        json_patch('{}', ${secrets}), ${JSON.stringify(tags)}, ${Date.now()}
      WHERE ${tagsExist(access.accountId, tags)} AND ${hasRoom(access.accountId)}
      ON CONFLICT DO NOTHING RETURNING id`,
    ),
    factsAbout(db, access.accountId, id, tags),
    selectConnector(db, access, id),
  ]);
  if (created.length === 0 || !made) {
    if (!facts?.tagsExist) throw new ApiError("tag_not_found");
    throw new ApiError(facts.taken ? taken : "connector_limit_reached");
  }
  return asConnector(made);
}

/** Replaces a connector, its tags aside; a secret that is left out stays, unless the type changes. Throws `connector_not_found`. */
export async function replaceConnector(
  db: Db,
  access: Access,
  connector: NewConnector,
  encryptionKeys: EncryptionKeys,
): Promise<void> {
  const { id, type, passthrough } = connector;
  const { options, secrets } = await sealSecrets(access.accountId, connector, encryptionKeys);
  const before = sql`CASE WHEN ${connectors.type} = ${type} THEN ${connectors.secrets} ELSE '{}' END`;
  const [replaced] = await db.batch([
    db
      .update(connectors)
      .set({
        type,
        options: sql`json_patch('{}', ${options})`,
        passthrough,
        secrets: sql`json_patch(${before}, ${secrets})`,
      })
      .where(its(access, id))
      .returning({ id: connectors.id }),
  ]);
  if (replaced.length === 0) throw new ApiError("connector_not_found");
}

/**
 * Changes what the patch names, options one by one.
 * Throws `connector_not_found`, `type_invalid`, `options_invalid`, `tag_forbidden` and `tag_not_found`.
 */
export async function changeConnector(
  db: Db,
  access: Access,
  id: string,
  patch: ConnectorPatch,
  encryptionKeys: EncryptionKeys,
): Promise<Connector> {
  const { passthrough, tags } = patch;
  const changes = patch.options?.values ?? {};
  const { options, secrets } = await sealSecrets(
    access.accountId,
    { id, options: changes },
    encryptionKeys,
  );
  const takesOptions = patch.options?.types ?? CONNECTOR_TYPES;
  const types = patch.type ? [patch.type] : takesOptions;
  const [changed, [found]] = await db.batch([
    db
      .update(connectors)
      .set({
        options: sql`json_patch(${connectors.options}, ${options})`,
        secrets: sql`json_patch(${connectors.secrets}, ${secrets})`,
        ...(passthrough && { passthrough }),
        ...(tags && { tags }),
      })
      .where(
        and(
          its(access, id),
          inArray(connectors.type, [...types]),
          mayBecome(access, sql`connectors.tags`, tags),
        ),
      )
      .returning({ id: connectors.id }),
    selectConnector(db, access, id),
  ]);
  if (!found) throw new ApiError("connector_not_found");
  if (changed.length > 0) return asConnector(found);
  if (patch.type && patch.type !== found.type) throw new ApiError("type_invalid");
  throw new ApiError(
    takesOptions.includes(found.type) ? whyNotRetagged(access) : "options_invalid",
  );
}

/** Deletes a connector that no SIM uses. Throws `connector_not_found` and `connector_in_use`. */
export async function deleteConnector(db: Db, access: Access, id: string): Promise<void> {
  const used = sql`EXISTS (SELECT 1 FROM ${sims} WHERE ${sims.accountId} = ${access.accountId} AND ${sims.connectorId} = ${id})`;
  const [deleted, left] = await db.batch([
    db
      .delete(connectors)
      .where(and(its(access, id), sql`NOT ${used}`))
      .returning({ id: connectors.id }),
    db.select({ id: connectors.id }).from(connectors).where(its(access, id)),
  ]);
  if (deleted.length > 0) return;
  throw new ApiError(left.length > 0 ? "connector_in_use" : "connector_not_found");
}

/** What a refusal is told from, read in the transaction that refused. */
function factsAbout(db: Db, accountId: string, id: string, tags: readonly string[]) {
  const taken = sql<number>`EXISTS (SELECT 1 FROM connectors WHERE account_id = ${accountId} AND id = ${id})`;
  return db
    .select({ tagsExist: tagsExist(accountId, tags).as("tags_exist"), taken: taken.as("taken") })
    .from(sql`(SELECT 1)`);
}

function hasRoom(accountId: string) {
  return sql`(SELECT count(*) FROM connectors WHERE account_id = ${accountId}) < ${LIMITS.connectors.most}`;
}
