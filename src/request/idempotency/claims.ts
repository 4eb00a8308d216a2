import { type SQL, sql } from "drizzle-orm";
import { SEQ_A_MS } from "../../db/sequence";
import { type Db, listed, NOTHING, statement } from "../../db/client";
import { ApiError } from "../../platform/errors";
import type { EncryptionKeys } from "../../platform/crypto";
import { DAY_MS, MINUTE_MS, secondsToNextHour } from "../../platform/time";
import { pack, unpack } from "./compress";
import { hasRoomForAnswer, hasRoomForKey, hourOf, LARGE } from "./quota";

/** What an Idempotency-Key stands for. */
export interface Asked {
  accountId: string;
  /** As the table has it: whose it is, and its name. */
  key: string;
  /** Tells one request from another; during a rotation of the encryption key in two ways, of which the first is kept. */
  requests: readonly [string, ...string[]];
  /** Names this sending of it in the audit log. */
  requestId: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Whose it is to answer: ours, until the lease ends; or it was answered, is being answered, or is another request's. */
export type Claim =
  | { state: "ours"; lease: number }
  | { state: "answered"; answer: Answer }
  /** It was done, and what it was answered is not known. */
  | { state: "notKept" }
  | { state: "running" }
  | { state: "reused" };

export const KEPT_MS = DAY_MS;

/** A Worker that has not answered by then is taken for dead. */
const LEASE_MS = MINUTE_MS;

/** Bytes of a packed body: a row may have 2 MB. */
const LONGEST_BODY = 1_500_000;

interface Row {
  request: string;
  status: number | null;
  headers: string | null;
  body: string | null;
  made: number;
}

/**
 * Whether the call that claimed a row has changed something: of a Worker that died, or that D1 did not tell so, the
 * audit log alone knows, which has an entry in the transaction of each change.
 */
const MADE = sql`EXISTS (
  SELECT 1 FROM audit_log WHERE audit_log.account_id = idempotency_keys.account_id
  AND seq BETWEEN idempotency_keys.created_at * ${SEQ_A_MS} AND idempotency_keys.lease * ${SEQ_A_MS}
  AND request_id = idempotency_keys.headers ->> 'x-request-id')`;

/**
 * Claims the key where it is free, was kept long enough, or where who claimed it for this request died and changed nothing.
 * Throws `idempotency_budget_spent`.
 */
export async function claim(
  db: Db,
  asked: Asked,
  encryptionKeys: EncryptionKeys,
  now = Date.now(),
): Promise<Claim> {
  const { accountId, key, requests, requestId } = asked;
  const lease = now + LEASE_MS;
  const dead = sql`idempotency_keys.status IS NULL AND idempotency_keys.lease <= ${now}`;
  const [[ours], [row]] = await db.batch([
    statement<{ lease: number }>(
      db,
      sql`
      INSERT INTO idempotency_keys (account_id, key, request, created_at, lease, headers)
      SELECT ${accountId}, ${key}, ${requests[0]}, ${now}, ${lease}, ${JSON.stringify({ "x-request-id": requestId })}
      WHERE ${hasRoomForKey(accountId, now)}
      ON CONFLICT (account_id, key) DO UPDATE SET
        request = excluded.request, created_at = excluded.created_at, lease = excluded.lease,
        status = NULL, headers = excluded.headers, body = NULL
      WHERE idempotency_keys.created_at <= ${now - KEPT_MS}
        OR (${dead} AND idempotency_keys.request IN ${listed(requests)} AND NOT ${MADE})
      RETURNING lease`,
    ),
    statement<Row>(
      db,
      sql`SELECT request, status, headers, body, CASE WHEN ${dead} THEN ${MADE} ELSE 0 END AS made
        FROM idempotency_keys WHERE ${its(asked)} AND created_at > ${now - KEPT_MS}`,
    ),
  ]);
  if (ours) return { state: "ours", lease };
  if (!row)
    throw new ApiError("idempotency_budget_spent", { "retry-after": secondsToNextHour(now) });
  if (!requests.includes(row.request)) return { state: "reused" };
  if (row.status === null) return { state: row.made ? "notKept" : "running" };
  if (row.body === null) return { state: "notKept" };
  const body = await unpack(encryptionKeys, placeOf(asked), row.body);
  return { state: "answered", answer: { status: row.status, headers: read(row.headers), body } };
}

/** Keeps the answer to what was claimed, where it is not too large. */
export async function keep(
  db: Db,
  asked: Asked,
  lease: number,
  { status, headers, body }: Answer,
  encryptionKeys: EncryptionKeys,
): Promise<void> {
  const packed = await pack(encryptionKeys, placeOf(asked), body);
  const { length } = packed;
  const kept = length <= LONGEST_BODY ? packed : null;
  const hour = hourOf(Date.now());
  const room = length <= LARGE ? sql`1` : hasRoomForAnswer(asked.accountId, length, hour);
  const counted = sql`
    UPDATE account_use SET
      idempotency_keys = iif(${hour} > idempotency_hour, 0, idempotency_keys),
      idempotency_bytes = iif(${hour} > idempotency_hour, 0, idempotency_bytes) + ${length},
      idempotency_hour = max(${hour}, idempotency_hour)
    WHERE account_id = ${asked.accountId} AND EXISTS (
      SELECT 1 FROM idempotency_keys WHERE ${its(asked)} AND lease = ${lease} AND body IS NOT NULL)`;
  await db.batch([
    statement(
      db,
      sql`UPDATE idempotency_keys SET status = ${status}, headers = ${JSON.stringify(headers)},
          body = iif(${room}, ${kept}, NULL)
        WHERE ${its(asked)} AND lease = ${lease}`,
    ),
    statement(db, length > LARGE && kept !== null ? counted : NOTHING),
  ]);
}

/** Gives up what was claimed and failed on our side: as if it had not been asked, unless it had changed something by then. */
export async function giveUp(db: Db, asked: Asked, lease: number, status: number): Promise<void> {
  const ours = sql`${its(asked)} AND lease = ${lease}`;
  await db.batch([
    statement(db, sql`DELETE FROM idempotency_keys WHERE ${ours} AND NOT ${MADE}`),
    statement(db, sql`UPDATE idempotency_keys SET status = ${status} WHERE ${ours}`),
  ]);
}

function its({ accountId, key }: Asked): SQL {
  return sql`idempotency_keys.account_id = ${accountId} AND idempotency_keys.key = ${key}`;
}

function placeOf({ accountId, key }: Asked): string {
  return `idempotency_keys/${accountId}/${key}`;
}

/** A column of JSON, which we wrote. */
function read(headers: string | null): Record<string, string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return headers === null ? {} : (JSON.parse(headers) as Record<string, string>);
}
