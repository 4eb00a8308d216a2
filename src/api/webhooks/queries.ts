import { and, asc, eq, getTableColumns, ne, or, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, valuesOf } from "../../db/client";
import { webhooks } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { LIMITS } from "../../platform/limits";
import { type EncryptionKeys, seal } from "../../platform/crypto";
import { tagsOn } from "../tags/on-things";
import { mayBecome, tagsExist, tagsOfNew, whyNotRetagged } from "../../access/visibility";
import type { WebhookInput, WebhookPatch } from "./schemas";
import { placeOf } from "../../pipeline/delivery/endpoints";
import { checkOwn, isOwn, isVisibleRow, its, selectOwn } from "../../pipeline/delivery/own-webhook";
import { mintSecret } from "../../pipeline/delivery/sign";
import { startSlow } from "../../pipeline/delivery/turns";
import type { RotatedSecret, Webhook } from "./responses";
import type { Tag } from "../tags/responses";
import { isoTime, DAY_MS } from "../../platform/time";

type Row = typeof webhooks.$inferSelect;

/** Hours that the secret before a rotation signs on. */
const OVERLAP_MS = DAY_MS;

/** The visible webhooks, oldest first. */
export async function listWebhooks(db: Db, access: Access): Promise<Webhook[]> {
  const rows = await db
    .select(shown(access))
    .from(webhooks)
    .where(isVisibleRow(access))
    .orderBy(asc(webhooks.createdAt), asc(webhooks.id));
  return rows.map(asWebhook);
}

/** The visible webhook. Throws `webhook_not_found`. */
export async function findWebhook(db: Db, access: Access, id: string): Promise<Webhook> {
  const rows = await db.select(shown(access)).from(webhooks).where(its(access, id));
  return asWebhook(first(rows));
}

/**
 * Makes a webhook; the answer is the only one to hold its signing secret.
 * Throws `tag_forbidden`, `tag_not_found` and `webhook_limit_reached`.
 */
export async function createWebhook(
  db: Db,
  access: Access,
  input: WebhookInput,
  encryptionKeys: EncryptionKeys,
): Promise<Webhook & { secret: string }> {
  const id = crypto.randomUUID();
  const now = Date.now();
  const secret = mintSecret();
  const row: Row = {
    id,
    accountId: access.accountId,
    url: input.url,
    label: input.label ?? null,
    active: input.active ?? true,
    excludeTypes: input.exclude_types ?? [],
    tags: [...tagsOfNew(access, input.tags ?? [])],
    payload: input.payload ?? "classic",
    ...(await sealAuthorization(id, input.authorization ?? null, encryptionKeys)),
    secret: await seal(encryptionKeys, placeOf(id, "secret"), secret),
    secretUpdatedAt: now,
    previousSecrets: [],
    createdAt: now,
    retry: input.retry ?? "none",
    disabledAt: null,
    disabledReason: null,
    lane: "fast",
    recent: "",
    failingSince: null,
  };
  const count = sql`(SELECT count(*) FROM webhooks WHERE account_id = ${access.accountId})`;
  const known = tagsExist(access.accountId, row.tags);
  const [, , [made], [facts]] = await db.batch([
    db
      .insert(webhooks)
      .select(
        sql`SELECT ${valuesOf(webhooks, row)} WHERE ${count} < ${LIMITS.webhooks.most} AND ${known}`,
      ),
    startSlow(db, { accountId: access.accountId, webhookId: id }, now),
    db.select(shown(access)).from(webhooks).where(its(access, id)),
    db.select({ tagsExist: known.as("tags_exist") }).from(sql`(SELECT 1)`),
  ]);
  if (!made) throw new ApiError(facts?.tagsExist ? "webhook_limit_reached" : "tag_not_found");
  return { ...asWebhook(made), secret };
}

/** Changes what the patch names. Throws `webhook_not_found`, `tag_forbidden` and `tag_not_found`. */
export async function changeWebhook(
  db: Db,
  access: Access,
  id: string,
  patch: WebhookPatch,
  encryptionKeys: EncryptionKeys,
): Promise<Webhook> {
  const authorization =
    patch.authorization === undefined
      ? {}
      : await sealAuthorization(id, patch.authorization, encryptionKeys);
  const [changed, known] = await db.batch([
    db
      .update(webhooks)
      .set({
        // An update has to name a column; this one stays as it is.
        id: sql`${webhooks.id}`,
        ...beginsAgain(patch),
        ...(patch.url !== undefined && { url: patch.url }),
        ...(patch.label !== undefined && { label: patch.label }),
        ...(patch.active !== undefined && { active: patch.active }),
        ...(patch.active === true && { disabledAt: null, disabledReason: null }),
        ...(patch.retry !== undefined && { retry: patch.retry }),
        ...(patch.exclude_types !== undefined && { excludeTypes: patch.exclude_types }),
        ...(patch.tags !== undefined && { tags: patch.tags }),
        ...(patch.payload !== undefined && { payload: patch.payload }),
        ...authorization,
      })
      .where(and(isOwn(access, id), mayBecome(access, sql`webhooks.tags`, patch.tags)))
      .returning({ id: webhooks.id }),
    db.select(shown(access)).from(webhooks).where(its(access, id)),
  ]);
  const webhook = asWebhook(first(known));
  if (changed.length === 0) throw new ApiError(whyNotRetagged(access));
  return webhook;
}

/**
 * With another address, or switched on again, an endpoint's five days and five failures begin again. Its failures so far
 * count for its lane still: else a call between them would keep an endpoint that hangs in the fast lane.
 */
function beginsAgain({ url, active }: WebhookPatch) {
  const begins = or(
    url === undefined ? undefined : ne(webhooks.url, url),
    active === true ? eq(webhooks.active, false) : undefined,
  );
  return (
    begins && {
      recent: sql`CASE WHEN ${begins} THEN replace(${webhooks.recent}, '0', 's') ELSE ${webhooks.recent} END`,
      failingSince: sql`CASE WHEN NOT (${begins}) THEN ${webhooks.failingSince} END`,
    }
  );
}

/** Gives the webhook a new signing secret, shown this once. Throws `webhook_not_found`, `tag_forbidden` and `secret_limit_reached`. */
export async function rotateSecret(
  db: Db,
  access: Access,
  id: string,
  encryptionKeys: EncryptionKeys,
): Promise<RotatedSecret> {
  const now = Date.now();
  const secret = mintSecret();
  const valid = sql`(
    SELECT json_group_array(json(value)) FROM json_each(${webhooks.previousSecrets}) WHERE value ->> 'until' > ${now})`;
  const [rotated, known] = await db.batch([
    db
      .update(webhooks)
      .set({
        secret: await seal(encryptionKeys, placeOf(id, "secret"), secret),
        secretUpdatedAt: now,
        previousSecrets: sql`json_insert(${valid}, '$[#]', json_object('sealed', ${webhooks.secret}, 'until', ${now + OVERLAP_MS}))`,
      })
      .where(
        and(isOwn(access, id), sql`json_array_length(${valid}) < ${LIMITS.webhookSecrets.most}`),
      )
      .returning({ id: webhooks.id }),
    selectOwn(db, access, id),
  ]);
  checkOwn(known);
  if (rotated.length === 0) throw new ApiError("secret_limit_reached");
  return { secret, previous_secret_until: isoTime(now + OVERLAP_MS) };
}

/** Deletes the webhook; what waits to be delivered to it is dropped. Throws `webhook_not_found` and `tag_forbidden`. */
export async function deleteWebhook(db: Db, access: Access, id: string): Promise<void> {
  const [left] = await db.batch([
    selectOwn(db, access, id),
    db.delete(webhooks).where(isOwn(access, id)),
  ]);
  checkOwn(left);
}

function first<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new ApiError("webhook_not_found");
  return row;
}

async function sealAuthorization(
  id: string,
  authorization: string | null,
  encryptionKeys: EncryptionKeys,
) {
  if (authorization === null) return { authorization: null, authorizationUpdatedAt: null };
  return {
    authorization: await seal(encryptionKeys, placeOf(id, "authorization"), authorization),
    authorizationUpdatedAt: Date.now(),
  };
}

/** A webhook's row with its tags as they are answered. */
function shown(access: Access) {
  return { ...getTableColumns(webhooks), tags: tagsOn(sql`webhooks.tags`, access) };
}

function asWebhook(row: Omit<Row, "tags"> & { tags: Tag[] }): Webhook {
  const { id, url, label, active, excludeTypes } = row;
  const meta = (setAt: number | null) => ({
    is_set: setAt !== null,
    last_updated_at: setAt === null ? null : isoTime(setAt),
  });
  return {
    id,
    url,
    label,
    active,
    exclude_types: excludeTypes,
    tags: row.tags,
    payload: row.payload,
    retry: row.retry,
    disabled_at: row.disabledAt === null ? null : isoTime(row.disabledAt),
    disabled_reason: row.disabledReason,
    meta: { authorization: meta(row.authorizationUpdatedAt), secret: meta(row.secretUpdatedAt) },
  };
}
