import { type SQL, sql } from "drizzle-orm";
import { hashKey, mintKey } from "../../access/api-key";
import type { Limits } from "../../access/key-limits";
import { LIMITS } from "../../platform/limits";
import { DAY_MS } from "../../platform/time";
import { isListed } from "./listed";
import { asColumn, type KeyRow, RAW_KEY } from "./rows";
import type { KeyInput } from "./schemas";

/** A new key and its row, which is not stored yet. */
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

/** Stores a new key if the condition holds, and returns {@link RAW_KEY} of it. */
export function insertKey(row: KeyRow, condition: SQL): SQL {
  return sql`
    INSERT INTO api_keys (id, account_id, name, hash, created_at, scopes, expires_at, allowed_ips, tags, lineage)
    SELECT ${row.id}, accounts.id, ${row.name}, ${row.hash}, ${row.createdAt},
      ${JSON.stringify(row.scopes)}, ${row.expiresAt}, ${JSON.stringify(row.allowedIps)}, ${asColumn(row.tags)}, ${row.lineage}
    FROM accounts WHERE accounts.id = ${row.accountId} AND ${condition}
    RETURNING ${sql.raw(RAW_KEY)}`;
}

/** True while the account may have one more key. */
export function hasRoomForKey(accountId: string, now: number): SQL {
  const count = (which: SQL) =>
    sql`(SELECT count(*) FROM api_keys WHERE account_id = ${accountId} AND ${which})`;
  return sql`(${count(isListed(now))} < ${LIMITS.keys.most}
    AND ${count(sql`created_at > ${now - DAY_MS}`)} < ${LIMITS.keysMade.most})`;
}

export function limitsOf(input: Omit<KeyInput, "name">): Limits {
  const { scopes, expires_at: expiresAt, allowed_ips: allowedIps, tags } = input;
  return { scopes, expiresAt, allowedIps, tags };
}
