import { and, asc, eq, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { webhooks } from "../db/tables";
import { ApiError } from "../errors";
import { open, seal } from "../secrets";
import type { Webhook, WebhookInput, WebhookPatch } from "./schemas";
import { mintSecret } from "./sign";

type Row = typeof webhooks.$inferSelect;

/** The account's webhooks, oldest first. */
export async function listWebhooks(db: Db, accountId: string): Promise<Webhook[]> {
  const rows = await db
    .select()
    .from(webhooks)
    .where(eq(webhooks.accountId, accountId))
    .orderBy(asc(webhooks.createdAt), asc(webhooks.id));
  return rows.map(asWebhook);
}

/** The account's webhook. Throws `webhook_not_found`. */
export async function findWebhook(db: Db, accountId: string, id: string): Promise<Webhook> {
  return asWebhook(first(await db.select().from(webhooks).where(its(accountId, id))));
}

/** Makes a webhook; the answer is the only one to hold its signing secret. */
export async function createWebhook(
  db: Db,
  accountId: string,
  input: WebhookInput,
  encryptionKey: string,
): Promise<Webhook & { secret: string }> {
  const id = crypto.randomUUID();
  const now = Date.now();
  const secret = mintSecret();
  const row: Row = {
    id,
    accountId,
    url: input.url,
    label: input.label ?? null,
    active: input.active ?? true,
    excludeTypes: input.exclude_types ?? [],
    ...(await sealAuthorization(id, input.authorization ?? null, encryptionKey)),
    secret: await seal(encryptionKey, placeOf(id, "secret"), secret),
    secretUpdatedAt: now,
    createdAt: now,
  };
  await db.insert(webhooks).values(row);
  return { ...asWebhook(row), secret };
}

/** Changes what the patch names. Throws `webhook_not_found`. */
export async function changeWebhook(
  db: Db,
  accountId: string,
  id: string,
  patch: WebhookPatch,
  encryptionKey: string,
): Promise<Webhook> {
  const authorization =
    patch.authorization === undefined
      ? {}
      : await sealAuthorization(id, patch.authorization, encryptionKey);
  const changed = await db
    .update(webhooks)
    .set({
      // An update has to name a column; this one stays as it is.
      id: sql`${webhooks.id}`,
      ...(patch.url !== undefined && { url: patch.url }),
      ...(patch.label !== undefined && { label: patch.label }),
      ...(patch.active !== undefined && { active: patch.active }),
      ...(patch.exclude_types !== undefined && { excludeTypes: patch.exclude_types }),
      ...authorization,
    })
    .where(its(accountId, id))
    .returning();
  return asWebhook(first(changed));
}

/** Deletes the webhook; what waits to be delivered to it is dropped. Throws `webhook_not_found`. */
export async function deleteWebhook(db: Db, accountId: string, id: string): Promise<void> {
  first(await db.delete(webhooks).where(its(accountId, id)).returning({ id: webhooks.id }));
}

/** Where to deliver. */
export interface Endpoint {
  id: string;
  url: string;
  authorization: string | null;
  secret: string;
}

/** The active ones among the webhooks, each only with the account that it is wanted for; their secrets are sealed. */
export async function findSealedEndpoints(
  db: Db,
  wanted: readonly { webhook_id: string; account_id: string }[],
): Promise<Map<string, Endpoint>> {
  const pairs = JSON.stringify(
    wanted.map(({ webhook_id, account_id }) => [webhook_id, account_id]),
  );
  const { id, url, authorization, secret } = webhooks;
  const rows = await db
    .select({ id, url, authorization, secret })
    .from(webhooks)
    .where(
      and(
        eq(webhooks.active, true),
        sql`(${id}, ${webhooks.accountId}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${pairs}))`,
      ),
    );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The endpoint with its secrets opened. Throws when `encryptionKey` is not the one they were sealed with. */
export async function openEndpoint(sealed: Endpoint, encryptionKey: string): Promise<Endpoint> {
  const { id, authorization, secret } = sealed;
  return {
    ...sealed,
    authorization:
      authorization && (await open(encryptionKey, placeOf(id, "authorization"), authorization)),
    secret: await open(encryptionKey, placeOf(id, "secret"), secret),
  };
}

function its(accountId: string, id: string) {
  return and(eq(webhooks.id, id), eq(webhooks.accountId, accountId));
}

function first<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new ApiError("webhook_not_found");
  return row;
}

async function sealAuthorization(id: string, authorization: string | null, encryptionKey: string) {
  if (authorization === null) return { authorization: null, authorizationUpdatedAt: null };
  return {
    authorization: await seal(encryptionKey, placeOf(id, "authorization"), authorization),
    authorizationUpdatedAt: Date.now(),
  };
}

function placeOf(id: string, field: "authorization" | "secret"): string {
  return `webhooks/${id}/${field}`;
}

function asWebhook(row: Row): Webhook {
  const { id, url, label, active, excludeTypes } = row;
  const meta = (setAt: number | null) => ({
    is_set: setAt !== null,
    last_updated_at: setAt === null ? null : new Date(setAt).toISOString(),
  });
  return {
    id,
    url,
    label,
    active,
    exclude_types: excludeTypes,
    meta: { authorization: meta(row.authorizationUpdatedAt), secret: meta(row.secretUpdatedAt) },
  };
}
