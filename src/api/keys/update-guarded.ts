import { type SQL, sql } from "drizzle-orm";
import { areOwn, isExpired, type Limits } from "../../access/key-limits";
import { includes } from "../../access/scopes";
import { type Db, NOTHING, statement } from "../../db/client";
import { ApiError, type ErrorCode } from "../../platform/errors";
import { asColumn, asKeyRow, type KeyRow, RAW_KEY, type RawKeyRow } from "./rows";

/** The key that makes a call. */
export interface Caller {
  keyId: string;
  accountId: string;
}

/** A planned change of a key. */
export interface Plan {
  /** The statement that makes the change if the condition holds. It returns {@link RAW_KEY} of the new or changed key. */
  change: (condition: SQL) => SQL;
  /** Conditions of the change, in the order in which they are reported: each with its error code. */
  requires: readonly (readonly [code: ErrorCode, condition: SQL])[];
  /** A second statement, for another key that changes with the first. It returns {@link RAW_KEY} too. */
  second?: SQL;
}

export interface Result {
  changed: KeyRow;
  /** The other key, or the target as it was read. */
  other: KeyRow;
}

const TRIES = 5;

/**
 * Changes a key by an optimistic update. `plan` gets the stored caller key and target key and returns the change, or null
 * if there is nothing to do. The change is made only if both keys are still as they were read: a cached key can be out of
 * date, and must not do what it may no longer do. If one of them changed meanwhile, both are read and planned again.
 *
 * Throws `unauthorized` and `scope_missing` for the caller, `key_not_found` for a target that it may not see, the code of
 * the first condition that does not hold, and `overloaded` after {@link TRIES} tries.
 */
export async function updateGuarded(
  db: Db,
  caller: Caller,
  targetId: string,
  plan: (own: KeyRow, target: KeyRow, now: number) => Plan | null,
): Promise<Result> {
  let rows = asRows(await readKeys(db, caller, targetId));
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const now = Date.now();
    const own = rows.get(caller.keyId);
    if (!own || own.revokedAt !== null || isExpired(own, now)) throw new ApiError("unauthorized");
    if (!includes(own.scopes, "keys:write")) throw new ApiError("scope_missing");
    const target = rows.get(targetId);
    if (!target || !areOwn(target.tags, own.tags)) throw new ApiError("key_not_found");
    const planned = plan(own, target, now);
    if (!planned) return { changed: target, other: target };
    const { change, requires, second = NOTHING } = planned;
    const conditions = [unchanged(own), unchanged(target), ...requires.map(([, one]) => one)];
    const [[changed], [other], [refused], stored] = await db.batch([
      statement<RawKeyRow>(db, change(sql.join(conditions, sql` AND `))),
      statement<RawKeyRow>(db, second),
      statement<{ code: ErrorCode | null }>(db, sql`SELECT ${firstBroken(requires)} AS code`),
      readKeys(db, caller, targetId),
    ]);
    if (changed) return { changed: asKeyRow(changed), other: other ? asKeyRow(other) : target };
    rows = asRows(stored);
    const areUnchanged = [own, target].every((row) => isSame(row, rows.get(row.id)));
    if (areUnchanged && refused?.code) throw new ApiError(refused.code);
  }
  throw new ApiError("overloaded", { "retry-after": "1" });
}

/** The code of the first condition that does not hold, or NULL. */
function firstBroken(requires: Plan["requires"]): SQL {
  const cases = requires.map(([code, condition]) => sql`WHEN NOT ${condition} THEN ${code}`);
  return cases.length === 0 ? sql`NULL` : sql`CASE ${sql.join(cases, sql` `)} END`;
}

/** True while a stored key is not revoked and has the limits that were read. */
function unchanged(row: KeyRow): SQL {
  return sql`EXISTS (
    SELECT 1 FROM api_keys AS read WHERE read.id = ${row.id} AND read.revoked_at IS NULL
      AND read.scopes = ${JSON.stringify(row.scopes)} AND read.allowed_ips = ${JSON.stringify(row.allowedIps)}
      AND read.expires_at IS ${row.expiresAt} AND read.tags IS ${asColumn(row.tags)})`;
}

function isSame(row: KeyRow, stored: KeyRow | undefined): boolean {
  const guarded = ({ scopes, allowedIps, expiresAt, tags, revokedAt }: KeyRow) =>
    JSON.stringify([scopes, allowedIps, expiresAt, tags, revokedAt]);
  return stored !== undefined && guarded(row) === guarded(stored);
}

/** True while the account has another key that may change keys, and that sees as much as this one. */
export function anotherManages({ id, accountId, tags }: KeyRow, now: number): SQL {
  return sql`EXISTS (
    SELECT 1 FROM api_keys AS another
    WHERE another.account_id = ${accountId} AND another.id <> ${id} AND another.revoked_at IS NULL
      AND (another.expires_at IS NULL OR another.expires_at > ${now})
      AND (another.tags IS NULL OR ${tags === null ? 0 : 1})
      AND EXISTS (SELECT 1 FROM json_each(another.scopes) WHERE value IN ('*', 'keys:write')))`;
}

/** True for a key that may change keys. */
export function manages(limits: Limits, now: number): boolean {
  return includes(limits.scopes, "keys:write") && !isExpired(limits, now);
}

function readKeys(db: Db, { accountId, keyId }: Caller, targetId: string) {
  return statement<RawKeyRow>(
    db,
    sql`SELECT ${sql.raw(RAW_KEY)} FROM api_keys
      WHERE account_id = ${accountId} AND id IN (${keyId}, ${targetId})`,
  );
}

function asRows(raw: readonly RawKeyRow[]): Map<string, KeyRow> {
  return new Map(raw.map((row) => [row.id, asKeyRow(row)]));
}
