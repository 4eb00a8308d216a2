import { and, asc, eq, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { isWithin } from "../../access/allowed-ips";
import { areOwn, isExpired, isWithinLimits, type Limits } from "../../access/key-limits";
import { tagsExist } from "../../access/visibility";
import type { Db } from "../../db/client";
import { apiKeys } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { isListed } from "./listed";
import { hasRoomForKey, insertKey, limitsOf, newKey } from "./new-key";
import type { ApiKey, NewApiKey } from "./responses";
import { asApiKey, asColumn, asNewApiKey, type KeyRow, lineageOf, RAW_KEY } from "./rows";
import type { KeyInput, KeyPatch } from "./schemas";
import { anotherManages, type Caller, manages, updateGuarded } from "./update-guarded";

/** The keys that are not revoked, nor expired for a day, and see no more than the caller's, oldest first. */
export async function listKeys(db: Db, { accountId, tags }: Access): Promise<ApiKey[]> {
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
  await updateGuarded(db, caller, caller.keyId, (own, _, now) => {
    if (!isWithinLimits(row, own)) throw new ApiError("grant_forbidden");
    return {
      change: (condition) => insertKey(row, condition),
      requires: [
        ["tag_not_found", tagsExist(row.accountId, row.tags ?? [])],
        ["key_limit_reached", hasRoomForKey(own.accountId, now)],
      ],
    };
  });
  return asNewApiKey(row, key);
}

/**
 * Changes a key: narrows it, or leaves it within the limits of the caller's key, which calls from `address`.
 * Throws `grant_forbidden`, `key_not_found`, `key_expired` for an ended key that would be valid again, `tag_not_found` and `last_key`.
 */
export async function changeKey(
  db: Db,
  caller: Caller,
  id: string,
  patch: KeyPatch,
  address: string,
): Promise<KeyRow> {
  const { changed } = await updateGuarded(db, caller, id, (own, target, now) => {
    if (target.revokedAt !== null) throw new ApiError("key_not_found");
    const after = { ...target, ...columnsOf(patch) };
    if (!isWithinLimits(after, target) && !isWithinLimits(after, own))
      throw new ApiError("grant_forbidden");
    // A key that was ended, for example by a rotation, may have leaked.
    if (isExpired(target, now) && !isExpired(after, now)) throw new ApiError("key_expired");
    const mayCallAgain = target.id !== own.id || isWithin(address, after.allowedIps);
    const keepsManaging = manages(after, now) && areOwn(target.tags, after.tags) && mayCallAgain;
    return {
      change: (condition) => sql`
        UPDATE api_keys SET name = ${after.name}, scopes = ${JSON.stringify(after.scopes)},
          expires_at = ${after.expiresAt}, allowed_ips = ${JSON.stringify(after.allowedIps)}, tags = ${asColumn(after.tags)}
        WHERE id = ${id} AND ${condition}
        RETURNING ${sql.raw(RAW_KEY)}`,
      requires: [
        ["tag_not_found", tagsExist(caller.accountId, patch.tags ?? [])],
        ["last_key", keepsManaging ? sql`1` : anotherManages(target, now)],
      ],
    };
  });
  return changed;
}

/** Revokes a key of the account. A second call does nothing. Throws `key_not_found` and `last_key`. */
export async function deleteKey(db: Db, caller: Caller, id: string): Promise<KeyRow> {
  const { changed } = await updateGuarded(db, caller, id, (_, target, now) => {
    // Succeeds, so that the caller goes on to the caches: the first call may have failed there.
    if (target.revokedAt !== null) return null;
    return {
      change: (condition) => sql`
        UPDATE api_keys SET revoked_at = ${now} WHERE id = ${id} AND ${condition}
        RETURNING ${sql.raw(RAW_KEY)}`,
      requires: [["last_key", anotherManages(target, now)]],
    };
  });
  return changed;
}

/**
 * Replaces a key by a new one with the same limits; the old one stays valid for `overlapMs`. Throws `grant_forbidden` if
 * the old key may do more than the caller's, `key_not_found`, `key_expired` and `key_limit_reached`.
 */
export async function rotateKey(
  db: Db,
  caller: Caller,
  id: string,
  overlapMs: number,
): Promise<{ made: NewApiKey; old: KeyRow }> {
  const { row, key } = await newKey(caller.accountId, "", NO_LIMITS);
  const { changed, other } = await updateGuarded(db, caller, id, (own, target, now) => {
    if (target.revokedAt !== null) throw new ApiError("key_not_found");
    if (isExpired(target, now)) throw new ApiError("key_expired");
    if (!isWithinLimits(target, own)) throw new ApiError("grant_forbidden");
    const { name, scopes, expiresAt, allowedIps, tags } = target;
    const lineage = lineageOf(target);
    const made = { ...row, name, scopes, expiresAt, allowedIps, tags, lineage };
    const until = Math.min(now + overlapMs, expiresAt ?? Infinity);
    return {
      change: (condition) => insertKey(made, condition),
      requires: [["key_limit_reached", hasRoomForKey(target.accountId, now)]],
      second: sql`
        UPDATE api_keys SET expires_at = ${until}
        WHERE id = ${id} AND EXISTS (SELECT 1 FROM api_keys AS made WHERE made.id = ${row.id})
        RETURNING ${sql.raw(RAW_KEY)}`,
    };
  });
  return { made: asNewApiKey(changed, key), old: other };
}

const NO_LIMITS: Limits = { scopes: [], expiresAt: null, allowedIps: [], tags: null };

/** The columns that a patch names. */
function columnsOf({ name, scopes, expires_at, allowed_ips, tags }: KeyPatch): Partial<KeyRow> {
  return {
    ...(name !== undefined && { name }),
    ...(scopes !== undefined && { scopes }),
    ...(expires_at !== undefined && { expiresAt: expires_at }),
    ...(allowed_ips !== undefined && { allowedIps: allowed_ips }),
    ...(tags !== undefined && { tags }),
  };
}
