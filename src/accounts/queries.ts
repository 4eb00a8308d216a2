import { asc, eq, sql } from "drizzle-orm";
import { hashKey, mintKey } from "../auth/api-keys";
import type { Db } from "../db/client";
import { accounts, apiKeys } from "../db/tables";
import { ApiError } from "../errors";
import { page, type Pagination } from "../http/pagination";
import type { Account, ApiKey } from "./schemas";

export async function createAccount(db: Db, name: string): Promise<Account> {
  const row = { id: crypto.randomUUID(), name, tags: {}, createdAt: Date.now() };
  await db.batch([db.insert(accounts).values(row)]);
  return asAccount(row);
}

/** Where a page of accounts ended: when the last one was made, and its id. */
export type AccountPosition = [createdAt: number, id: string];

/** A page of all accounts, oldest first. */
export async function listAccounts(
  db: Db,
  { limit, after }: { limit: number; after?: AccountPosition | undefined },
): Promise<{ accounts: Account[]; pagination: Pagination }> {
  const found = await db
    .select()
    .from(accounts)
    .where(after && sql`(${accounts.createdAt}, ${accounts.id}) > (${after[0]}, ${after[1]})`)
    .orderBy(asc(accounts.createdAt), asc(accounts.id))
    .limit(limit + 1);
  const { rows, pagination } = page(found, limit, (row) => [row.createdAt, row.id]);
  return { accounts: rows.map(asAccount), pagination };
}

/** Makes a key for the account; the answer is the only one to hold it. Throws `account_not_found`. */
export async function createKey(
  db: Db,
  accountId: string,
  name: string,
): Promise<{ id: string; name: string; key: string; created_at: string }> {
  const id = crypto.randomUUID();
  const key = await mintKey();
  const createdAt = Date.now();
  const [created] = await db.batch([
    db
      .insert(apiKeys)
      .select(
        sql`SELECT ${id}, id, ${name}, ${await hashKey(key)}, ${createdAt}, NULL FROM accounts WHERE id = ${accountId}`,
      )
      .returning({ id: apiKeys.id }),
  ]);
  if (created.length === 0) throw new ApiError("account_not_found");
  return { id, name, key, created_at: new Date(createdAt).toISOString() };
}

/** The account's keys, oldest first, revoked ones too. Throws `account_not_found`. */
export async function listKeys(db: Db, accountId: string): Promise<ApiKey[]> {
  const [known, rows] = await db.batch([
    db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId)),
    db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.accountId, accountId))
      .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id)),
  ]);
  if (known.length === 0) throw new ApiError("account_not_found");
  return rows.map(({ id, name, createdAt, revokedAt }) => ({
    id,
    name,
    created_at: new Date(createdAt).toISOString(),
    revoked_at: revokedAt === null ? null : new Date(revokedAt).toISOString(),
  }));
}

/** Revokes a key, once; answers its hash, by which caches know it. Throws `key_not_found`. */
export async function revokeKey(db: Db, id: string): Promise<string> {
  const [[revoked]] = await db.batch([
    db
      .update(apiKeys)
      .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${Date.now()})` })
      .where(eq(apiKeys.id, id))
      .returning({ hash: apiKeys.hash }),
  ]);
  if (!revoked) throw new ApiError("key_not_found");
  return revoked.hash;
}

function asAccount(row: typeof accounts.$inferSelect): Account {
  return { id: row.id, name: row.name, created_at: new Date(row.createdAt).toISOString() };
}
