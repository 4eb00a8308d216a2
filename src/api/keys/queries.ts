import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import { isWithin } from "../../access/allowed-ips";
import { hashKey, mintKey } from "../../access/api-key";
import { areOwn, isExpired, isWithinLimits, type Limits } from "../../access/key-limits";
import type { Reach } from "../../access/access";
import type { Db } from "../../db/client";
import { apiKeys } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { LIMITS } from "../../platform/limits";
import { DAY_MS } from "../../platform/time";
import { tagsExist } from "../../access/visibility";
import { isListed } from "./listed";
import { asApiKey, asColumn, asNewApiKey, type KeyRow, lineageOf, RAW_KEY } from "./rows";
import type { KeyInput, KeyPatch } from "./schemas";
import { anotherManages, type Caller, manages, settle, unchanged } from "./update-guarded";
import type { ApiKey, NewApiKey } from "./responses";

/** The keys that are not revoked, nor expired for a day, and reach no more than the caller's, oldest first. */
export async function listKeys(db: Db, { accountId, tags }: Reach): Promise<ApiKey[]> {
  const rows = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.accountId, accountId), isListed(Date.now())))
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id));
  return rows.filter((row) => areOwn(row.tags, tags)).map(asApiKey);
}

/** Makes a key that may do no more than the caller's. Throws `grant_forbidden`, `tag_not_found` and `key_limit_reached`. */
export async function createKey(db: Db, caller: Caller, input: KeyInput): Promise<NewApiKey> {
  const { row, key } = await newKey(caller.accountId, input.name, limitsOf(input));
  const known = tagsExist(row.accountId, row.tags ?? []);
  const otherwise = sql`iif(${known}, 'key_limit_reached', 'tag_not_found')`;
  await settle(db, caller, caller.keyId, otherwise, (own, _, now) => {
    if (!isWithinLimits(row, own)) throw new ApiError("grant_forbidden");
    const may = sql`${unchanged(own)} AND ${known} AND ${hasRoom(own.accountId, now)}`;
    return { decide: insert(row, may) };
  });
  return asNewApiKey(row, key);
}

/**
 * Changes a key: narrows it, or leaves it within what the caller's, which calls from `address`, may do.
 * Throws `grant_forbidden`, `key_not_found`, `key_expired` for an ended key that would be valid again, `tag_not_found` and `last_key`.
 */
export async function changeKey(
  db: Db,
  caller: Caller,
  id: string,
  patch: KeyPatch,
  address: string,
): Promise<KeyRow> {
  const known = tagsExist(caller.accountId, patch.tags ?? []);
  const otherwise = sql`iif(${known}, 'last_key', 'tag_not_found')`;
  const { decided } = await settle(db, caller, id, otherwise, (own, target, now) => {
    if (target.revokedAt !== null) throw new ApiError("key_not_found");
    const after = { ...target, ...namedIn(patch) };
    if (!isWithinLimits(after, target) && !isWithinLimits(after, own))
      throw new ApiError("grant_forbidden");
    // A key that was ended, by a rotation say, may have leaked.
    if (isExpired(target, now) && !isExpired(after, now)) throw new ApiError("key_expired");
    const mayCallAgain = target.id !== own.id || isWithin(address, after.allowedIps);
    const stays = manages(after, now) && areOwn(target.tags, after.tags) && mayCallAgain;
    const keepsOne = stays ? sql`1` : anotherManages(target, now);
    return {
      decide: sql`
        UPDATE api_keys SET name = ${after.name}, scopes = ${JSON.stringify(after.scopes)},
          expires_at = ${after.expiresAt}, allowed_ips = ${JSON.stringify(after.allowedIps)}, tags = ${asColumn(after.tags)}
        WHERE id = ${id} AND ${unchanged(own)} AND ${unchanged(target)} AND ${known} AND ${keepsOne}
        RETURNING ${sql.raw(RAW_KEY)}`,
    };
  });
  return decided;
}

/** Revokes a key of the account, once; again it does nothing. Throws `key_not_found` and `last_key`. */
export async function deleteKey(db: Db, caller: Caller, id: string): Promise<KeyRow> {
  const { decided } = await settle(db, caller, id, sql`'last_key'`, (own, target, now) => {
    // The caches may not have been told the first time.
    if (target.revokedAt !== null) return null;
    return {
      decide: sql`
        UPDATE api_keys SET revoked_at = ${now}
        WHERE id = ${id} AND ${unchanged(own)} AND ${unchanged(target)} AND ${anotherManages(target, now)}
        RETURNING ${sql.raw(RAW_KEY)}`,
    };
  });
  return decided;
}

/**
 * Makes a key of the same limits in place of another, which lives on for `overlapMs`.
 * Throws `grant_forbidden` where that one may do more than the caller's, `key_not_found`, `key_expired` and `key_limit_reached`.
 */
export async function rotateKey(
  db: Db,
  caller: Caller,
  id: string,
  overlapMs: number,
): Promise<{ made: NewApiKey; old: KeyRow }> {
  const { row, key } = await newKey(caller.accountId, "", NO_LIMITS);
  const { decided, followed } = await settle(
    db,
    caller,
    id,
    sql`'key_limit_reached'`,
    (own, target, now) => {
      if (target.revokedAt !== null) throw new ApiError("key_not_found");
      if (isExpired(target, now)) throw new ApiError("key_expired");
      if (!isWithinLimits(target, own)) throw new ApiError("grant_forbidden");
      const { name, scopes, expiresAt, allowedIps, tags } = target;
      const made = {
        ...row,
        name,
        scopes,
        expiresAt,
        allowedIps,
        tags,
        lineage: lineageOf(target),
      };
      const until = Math.min(now + overlapMs, expiresAt ?? Infinity);
      const room = hasRoom(target.accountId, now);
      return {
        decide: insert(made, sql`${unchanged(own)} AND ${unchanged(target)} AND ${room}`),
        follow: sql`UPDATE api_keys SET expires_at = ${until}
          WHERE id = ${id} AND EXISTS (SELECT 1 FROM api_keys AS made WHERE made.id = ${row.id})
          RETURNING ${sql.raw(RAW_KEY)}`,
      };
    },
  );
  return { made: asNewApiKey(decided, key), old: followed };
}

const NO_LIMITS: Limits = { scopes: [], expiresAt: null, allowedIps: [], tags: null };

/** A key that is not stored yet. */
export async function newKey(
  accountId: string,
  name: string,
  limits: Limits,
): Promise<{ row: KeyRow; key: string }> {
  const key = await mintKey();
  const [id, hash, createdAt] = [crypto.randomUUID(), await hashKey(key), Date.now()];
  const row = { id, accountId, name, hash, createdAt, revokedAt: null, lastUsedAt: null };
  return { row: { ...row, ...limits, lineage: null }, key };
}

/** Stores a key where the condition holds; answers its row then. */
export function insert(row: KeyRow, condition: SQL): SQL {
  return sql`
    INSERT INTO api_keys (id, account_id, name, hash, created_at, scopes, expires_at, allowed_ips, tags, lineage)
    SELECT ${row.id}, accounts.id, ${row.name}, ${row.hash}, ${row.createdAt},
      ${JSON.stringify(row.scopes)}, ${row.expiresAt}, ${JSON.stringify(row.allowedIps)}, ${asColumn(row.tags)}, ${row.lineage}
    FROM accounts WHERE accounts.id = ${row.accountId} AND ${condition}
    RETURNING ${sql.raw(RAW_KEY)}`;
}

export function limitsOf(input: Omit<KeyInput, "name">): Limits {
  const { scopes, expires_at: expiresAt, allowed_ips: allowedIps, tags } = input;
  return { scopes, expiresAt, allowedIps, tags };
}

function hasRoom(accountId: string, now: number): SQL {
  const count = (which: SQL) =>
    sql`(SELECT count(*) FROM api_keys WHERE account_id = ${accountId} AND ${which})`;
  return sql`(${count(isListed(now))} < ${LIMITS.keys.most}
    AND ${count(sql`created_at > ${now - DAY_MS}`)} < ${LIMITS.keysMade.most})`;
}

/** The columns that a patch names. */
function namedIn({ name, scopes, expires_at, allowed_ips, tags }: KeyPatch): Partial<KeyRow> {
  return {
    ...(name !== undefined && { name }),
    ...(scopes !== undefined && { scopes }),
    ...(expires_at !== undefined && { expiresAt: expires_at }),
    ...(allowed_ips !== undefined && { allowedIps: allowed_ips }),
    ...(tags !== undefined && { tags }),
  };
}
