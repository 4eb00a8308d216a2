import { sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { open, seal } from "../secrets";
import { DAY_MS, MINUTE_MS } from "../time";

/** What an Idempotency-Key of an account stands for. */
export interface Asked {
  accountId: string;
  key: string;
  /** Tells one request from another. */
  request: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** null: it was too large to keep. */
  body: string | null;
}

/** Whose it is to answer: ours, until the lease ends; or it was answered, is being answered, or is another request's. */
export type Claim =
  | { state: "ours"; lease: number }
  | { state: "answered"; answer: Answer }
  | { state: "running" }
  | { state: "reused" };

export const KEPT_MS = DAY_MS;
/** A Worker that has not answered by then is taken for dead. */
const LEASE_MS = MINUTE_MS;
/** Characters; sealed and in base64 it stays below the 2 MB that a row may have. */
const LONGEST_BODY = 1_000_000;

interface Row {
  request: string;
  status: number | null;
  headers: string | null;
  body: string | null;
}

/** Claims the key where it is free, was kept long enough, or where who claimed it for this request is dead. */
export async function claim(
  db: Db,
  asked: Asked,
  encryptionKey: string,
  now = Date.now(),
): Promise<Claim> {
  const { accountId, key, request } = asked;
  const lease = now + LEASE_MS;
  const [[ours], [row]] = await db.batch([
    statement<{ lease: number }>(
      db,
      sql`
      INSERT INTO idempotency_keys (account_id, key, request, created_at, lease)
      VALUES (${accountId}, ${key}, ${request}, ${now}, ${lease})
      ON CONFLICT (account_id, key) DO UPDATE SET
        request = excluded.request, created_at = excluded.created_at, lease = excluded.lease,
        status = NULL, headers = NULL, body = NULL
      WHERE idempotency_keys.created_at <= ${now - KEPT_MS}
        OR (idempotency_keys.status IS NULL AND idempotency_keys.lease <= ${now}
          AND idempotency_keys.request = excluded.request)
      RETURNING lease`,
    ),
    statement<Row>(
      db,
      sql`SELECT request, status, headers, body FROM idempotency_keys
        WHERE account_id = ${accountId} AND key = ${key}`,
    ),
  ]);
  if (ours) return { state: "ours", lease };
  if (row?.request !== request) return { state: "reused" };
  if (row.status === null) return { state: "running" };
  const body = row.body === null ? null : await open(encryptionKey, placeOf(asked), row.body);
  return { state: "answered", answer: { status: row.status, headers: read(row.headers), body } };
}

/** Keeps the answer to what was claimed; an answer may show a secret, so it is sealed. */
export async function keep(
  db: Db,
  asked: Asked,
  lease: number,
  { status, headers, body }: Answer,
  encryptionKey: string,
): Promise<void> {
  const kept =
    body === null || body.length > LONGEST_BODY
      ? null
      : await seal(encryptionKey, placeOf(asked), body);
  await db.run(sql`
    UPDATE idempotency_keys SET status = ${status}, headers = ${JSON.stringify(headers)}, body = ${kept}
    WHERE account_id = ${asked.accountId} AND key = ${asked.key} AND lease = ${lease}`);
}

/** Gives up what was claimed, as if it had not been asked. */
export async function release(db: Db, { accountId, key }: Asked, lease: number): Promise<void> {
  await db.run(sql`
    DELETE FROM idempotency_keys WHERE account_id = ${accountId} AND key = ${key} AND lease = ${lease}`);
}

function placeOf({ accountId, key }: Asked): string {
  return `idempotency_keys/${accountId}/${key}`;
}

/** A column of JSON, which we wrote. */
function read(headers: string | null): Record<string, string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return headers === null ? {} : (JSON.parse(headers) as Record<string, string>);
}
