import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Limits } from "../../../access/key-limits";
import { type Db, statement } from "../../../db/client";
import { withinBytes } from "../../../db/page-bytes";
import { accounts, apiKeys } from "../../../db/tables";
import { ApiError } from "../../../platform/errors";
import { type Met, page, pageOfMet } from "../../../http/pagination";
import { insertKey, newKey } from "../../keys/new-key";
import { tagsExist } from "../../../access/visibility";
import { asApiKey, asKeyRow, asNewApiKey, RAW_KEY, type RawKeyRow } from "../../keys/rows";
import type { AccountPatch } from "./schemas";
import type { Pagination } from "../../../http/responses";
import type { NewApiKey, OperatorApiKey } from "../../keys/responses";
import type { Account } from "./responses";
import { isoTimeOrNull, isoTime } from "../../../platform/time";

export async function createAccount(db: Db, name: string): Promise<Account> {
  const row = { id: crypto.randomUUID(), name, tags: {}, createdAt: Date.now(), rateLimit: null };
  await db.batch([db.insert(accounts).values(row)]);
  return asAccount(row);
}

/** Where a page of accounts or keys ended: when the last one was made, and its id. */
export type Position = [createdAt: number, id: string];

/** A page of all accounts, oldest first. */
export async function listAccounts(
  db: Db,
  { limit, after }: { limit: number; after?: Position | undefined },
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

/** Makes a key for the account, and tells the account's rate limit; the answer is the only one to hold the key. Throws `account_not_found` and `tag_not_found`. */
export async function createKey(
  db: Db,
  accountId: string,
  name: string,
  limits: Limits,
): Promise<{ made: NewApiKey; rateLimit: number | null }> {
  const { row, key } = await newKey(accountId, name, limits);
  const known = tagsExist(accountId, limits.tags ?? []);
  const [created, [account]] = await db.batch([
    statement(db, insertKey(row, known)),
    db.select({ rateLimit: accounts.rateLimit }).from(accounts).where(eq(accounts.id, accountId)),
  ]);
  if (!account) throw new ApiError("account_not_found");
  if (created.length === 0) throw new ApiError("tag_not_found");
  return { made: asNewApiKey(row, key), rateLimit: account.rateLimit };
}

/** Bytes of a key beside its lists. */
const KEY_BYTES = 800;

/** A page of the account's keys, oldest first, revoked ones too. Throws `account_not_found`. */
export async function listKeys(
  db: Db,
  accountId: string,
  { limit, after }: { limit: number; after?: Position | undefined },
): Promise<{ keys: OperatorApiKey[]; pagination: Pagination }> {
  const behind = after && sql`(created_at, id) > (${after[0]}, ${after[1]})`;
  const some = withinBytes(sql`
    SELECT id AS some_id, ${KEY_BYTES} + octet_length(scopes) + octet_length(allowed_ips) + coalesce(octet_length(tags), 0) AS bytes
    FROM api_keys WHERE ${and(eq(apiKeys.accountId, accountId), behind)} ORDER BY created_at, id LIMIT ${limit + 1}`);
  const [known, found] = await db.batch([
    db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId)),
    statement<RawKeyRow & Met>(
      db,
      sql`SELECT ${sql.raw(RAW_KEY)}, passes, is_last FROM (${some}) CROSS JOIN api_keys ON id = some_id`,
    ),
  ]);
  if (known.length === 0) throw new ApiError("account_not_found");
  const { rows, pagination } = pageOfMet(found, limit, (row) => [row.createdAt, row.id]);
  const keys = rows.map((row) => ({
    ...asApiKey(asKeyRow(row)),
    revoked_at: isoTimeOrNull(row.revokedAt),
  }));
  return { keys, pagination };
}

/** Changes what is set for an account; answers it, and its valid keys, whose caches must know. Throws `account_not_found`. */
export async function changeAccount(
  db: Db,
  id: string,
  { rate_limit }: AccountPatch,
): Promise<{ account: Account; keys: { id: string; hash: string }[] }> {
  const [[changed], keys] = await db.batch([
    db.update(accounts).set({ rateLimit: rate_limit }).where(eq(accounts.id, id)).returning(),
    db
      .select({ id: apiKeys.id, hash: apiKeys.hash })
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.accountId, id),
          isNull(apiKeys.revokedAt),
          or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, Date.now())),
        ),
      ),
  ]);
  if (!changed) throw new ApiError("account_not_found");
  return { account: asAccount(changed), keys };
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
  const { id, name, rateLimit } = row;
  const account = { id, name, created_at: isoTime(row.createdAt) };
  return rateLimit === null ? account : { ...account, rate_limit: rateLimit };
}
