import type { KeyRecord } from "../../access/find-key";
import type { Limits } from "../../access/key-limits";
import { apiKeys } from "../../db/tables";
import type { ApiKey, NewApiKey } from "./responses";
import { isoTimeOrNull, isoTime } from "../../platform/time";

export type KeyRow = typeof apiKeys.$inferSelect;

/** What a hand-written statement reads of a key: JSON as text. */
export type RawKeyRow = Omit<KeyRow, "scopes" | "allowedIps" | "tags"> & {
  scopes: string;
  allowedIps: string;
  tags: string | null;
};

/** The columns that {@link RawKeyRow} has. */
export const RAW_KEY = `id, account_id AS accountId, name, hash, created_at AS createdAt, revoked_at AS revokedAt,
  scopes, expires_at AS expiresAt, allowed_ips AS allowedIps, tags, lineage, last_used_at AS lastUsedAt`;

export function asKeyRow(raw: RawKeyRow): KeyRow {
  const { scopes, allowedIps, tags } = raw;
  return {
    ...raw,
    scopes: readList(scopes),
    allowedIps: readList(allowedIps),
    tags: tags === null ? null : readList(tags),
  };
}

export function asApiKey(row: KeyRow): ApiKey {
  return { ...shown(row), last_used_at: isoTimeOrNull(row.lastUsedAt) };
}

export function asNewApiKey(row: Shown, key: string): NewApiKey {
  const { id, name, ...rest } = shown(row);
  return { id, name, key, ...rest };
}

/** The record of a new key, in the account that another record or the operator's call names; `replaced` is the key that a rotation replaced. */
export function keyRecordOfNew(
  { id, scopes, expires_at, allowed_ips, tags }: NewApiKey,
  { accountId, rateLimit }: Pick<KeyRecord, "accountId" | "rateLimit">,
  replaced?: KeyRow,
): KeyRecord {
  const lineage = replaced ? lineageOf(replaced) : id;
  const expiresAt = expires_at === null ? null : Date.parse(expires_at);
  const limits = { scopes, expiresAt, allowedIps: allowed_ips, tags, rateLimit };
  return { keyId: id, lineage, accountId, ...limits };
}

/** What a key and those that rotations made in its place have in common. */
export function lineageOf({ id, lineage }: Pick<KeyRow, "id" | "lineage">): string {
  return lineage ?? id;
}

type Shown = Pick<KeyRow, "id" | "name" | "createdAt"> & Limits;

function shown({ id, name, createdAt, scopes, expiresAt, allowedIps, tags }: Shown) {
  return {
    id,
    name,
    created_at: isoTime(createdAt),
    scopes,
    expires_at: isoTimeOrNull(expiresAt),
    allowed_ips: allowedIps,
    tags,
  };
}

/** A key's tags as their column has them. */
export function asColumn(tags: readonly string[] | null): string | null {
  return tags && JSON.stringify(tags);
}

/** A column of JSON, which we wrote. */
function readList(text: string): string[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(text) as string[];
}
