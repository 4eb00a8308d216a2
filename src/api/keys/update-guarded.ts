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

/** What is to be done: the statement that decides, and what follows it. Both answer the key that they made or changed. */
export interface Deed {
  decide: SQL;
  follow?: SQL;
}

/** What was done; `followed` is the named key as it was where nothing followed. */
export interface Done {
  decided: KeyRow;
  followed: KeyRow;
}

const TRIES = 5;

/**
 * Does to keys what `plan` makes of the caller's key and of the one that is named, as they are stored. Its statement
 * holds {@link unchanged} for what it went by, and is planned again when one of them changed meanwhile: so no key does
 * what it may no longer do, whatever a cache says of it. No plan: it is done already. Throws the code that `otherwise` is
 * when nothing was done although neither changed; a key out of the caller's reach is not found.
 */
export async function settle(
  db: Db,
  caller: Caller,
  targetId: string,
  otherwise: SQL,
  plan: (own: KeyRow, target: KeyRow, now: number) => Deed | null,
): Promise<Done> {
  let rows = asRows(await readKeys(db, caller, targetId));
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const now = Date.now();
    const own = rows.get(caller.keyId);
    if (!own || own.revokedAt !== null || isExpired(own, now)) throw new ApiError("unauthorized");
    if (!includes(own.scopes, "keys:write")) throw new ApiError("scope_missing");
    const target = rows.get(targetId);
    if (!target || !areOwn(target.tags, own.tags)) throw new ApiError("key_not_found");
    const deed = plan(own, target, now);
    if (!deed) return { decided: target, followed: target };
    const [[decided], [followed], [refused], after] = await db.batch([
      statement<RawKeyRow>(db, deed.decide),
      statement<RawKeyRow>(db, deed.follow ?? NOTHING),
      statement<{ code: ErrorCode }>(db, sql`SELECT ${otherwise} AS code`),
      readKeys(db, caller, targetId),
    ]);
    if (decided)
      return { decided: asKeyRow(decided), followed: followed ? asKeyRow(followed) : target };
    const stored = asRows(after);
    const same = [own, target].every((row) => limitsOf(row) === limitsOf(stored.get(row.id)));
    if (same && refused) throw new ApiError(refused.code);
    rows = stored;
  }
  throw new ApiError("overloaded", { "retry-after": "1" });
}

/** Holds while a key is as it was read. */
export function unchanged(row: KeyRow): SQL {
  return sql`EXISTS (
    SELECT 1 FROM api_keys AS read WHERE read.id = ${row.id} AND read.revoked_at IS NULL
      AND read.scopes = ${JSON.stringify(row.scopes)} AND read.allowed_ips = ${JSON.stringify(row.allowedIps)}
      AND read.expires_at IS ${row.expiresAt} AND read.tags IS ${asColumn(row.tags)})`;
}

/** Holds while the account has another key that may change keys, and all of them where this one may. */
export function anotherManages({ id, accountId, tags }: KeyRow, now: number): SQL {
  return sql`EXISTS (
    SELECT 1 FROM api_keys AS another
    WHERE another.account_id = ${accountId} AND another.id <> ${id} AND another.revoked_at IS NULL
      AND (another.expires_at IS NULL OR another.expires_at > ${now})
      AND (another.tags IS NULL OR ${tags === null ? 0 : 1})
      AND EXISTS (SELECT 1 FROM json_each(another.scopes) WHERE value IN ('*', 'keys:write')))`;
}

/** Whether a key of these limits may change keys. */
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

function limitsOf(row: KeyRow | undefined): string {
  return JSON.stringify(
    row && [row.scopes, row.allowedIps, row.expiresAt, row.tags, row.revokedAt],
  );
}
