import { and, eq, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import type { Db } from "../../db/client";
import { webhooks } from "../../db/tables";
import type { Payload } from "../../events/payload";
import { type EncryptionKeys, open } from "../../platform/crypto";
import type { Health } from "./endpoint-health";
import type { DisabledReason, RetryPolicy } from "../../db/tables/types";
import { checkOwn, selectOwn } from "./own-webhook";
import { readFleetSecret, readSecret } from "./sign";
import { takeTurns, turnFrom } from "./turns";

type Row = typeof webhooks.$inferSelect;

/** Where to deliver, and how it fares. */
export interface Endpoint {
  id: string;
  accountId: string;
  url: string;
  authorization: string | null;
  /** Each of them signs: after a rotation the new one and the one before. */
  keys: CryptoKey[];
  payload: Payload;
  /** Signs for receivers of the fleet API: the newest secret as it is written; null where the payload is classic. */
  fleetKey: CryptoKey | null;
  /** The addresses for the types that were sent so far; null where none is allowed. */
  targets: Map<string, string | null>;
  retry: RetryPolicy;
  health: Health;
  /** Switched off: what waits for it is not sent. */
  off: boolean;
}

/** The webhooks, each only with the account that it is wanted for; their secrets are encrypted. */
export async function findSealedEndpoints(
  db: Db,
  wanted: readonly { webhook_id: string; account_id: string }[],
): Promise<Map<string, Row>> {
  return byId(await selectEndpoints(db, pairsOf(wanted)));
}

/** The same, and the turns in the slow lane that their accounts take now, in one round trip. */
export async function findWithTurns(
  db: Db,
  wanted: readonly { webhook_id: string; account_id: string }[],
): Promise<{ rows: Map<string, Row>; turnOf: (accountId: string) => number | undefined }> {
  const pairs = pairsOf(wanted);
  const now = Date.now();
  const turn = turnFrom(now);
  const [rows, taken] = await db.batch([
    selectEndpoints(db, pairs),
    takeTurns(db, pairs, now, turn),
  ]);
  const accounts = new Set(taken.map(({ account_id }) => account_id));
  return { rows: byId(rows), turnOf: (id) => (accounts.has(id) ? turn : undefined) };
}

function pairsOf(wanted: readonly { webhook_id: string; account_id: string }[]): string {
  return JSON.stringify(wanted.map(({ webhook_id, account_id }) => [webhook_id, account_id]));
}

function selectEndpoints(db: Db, pairs: string) {
  return db
    .select()
    .from(webhooks)
    .where(
      sql`(${webhooks.id}, ${webhooks.accountId}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${pairs}))`,
    );
}

function byId(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** The webhook, active or not. Throws `webhook_not_found` and `tag_forbidden`. */
export async function findSealedEndpoint(db: Db, access: Access, id: string): Promise<Row> {
  return checkOwn(await selectOwn(db, access, id));
}

/** The endpoint with its secrets opened. Throws when none of `encryptionKeys` is the one they were sealed with. */
export async function openEndpoint(row: Row, encryptionKeys: EncryptionKeys): Promise<Endpoint> {
  const { id, accountId, url, retry, payload, lane, recent, failingSince } = row;
  const opened = (field: string, sealed: string) =>
    open(encryptionKeys, placeOf(id, field), sealed);
  const valid = row.previousSecrets.filter(({ until }) => until > Date.now());
  const sealed = [row.secret, ...valid.map((previous) => previous.sealed)];
  const secrets = await Promise.all(sealed.map((one) => opened("secret", one)));
  const [newest = ""] = secrets;
  return {
    id,
    accountId,
    url,
    authorization: row.authorization && (await opened("authorization", row.authorization)),
    keys: await Promise.all(secrets.map(readSecret)),
    payload,
    fleetKey: payload === "fleet" ? await readFleetSecret(newest) : null,
    targets: new Map(),
    retry,
    health: { lane, recent, failingSince },
    off: !row.active,
  };
}

/** Where a webhook's secret is kept, for sealing it. */
export function placeOf(id: string, field: string): string {
  return `webhooks/${id}/${field}`;
}

/** Notes how an endpoint fares; answers nothing when another run or its owner changed what this one started from. */
export function keepHealth(db: Db, endpoint: Endpoint, health: Health) {
  return db.update(webhooks).set(health).where(isStill(endpoint)).returning({ id: webhooks.id });
}

/** How the endpoint fares now; undefined when it is gone, or has another address. */
export async function findHealth(db: Db, { id, url }: Endpoint): Promise<Health | undefined> {
  const { lane, recent, failingSince } = webhooks;
  const [health] = await db
    .select({ lane, recent, failingSince })
    .from(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.url, url)));
  return health;
}

/** Whether the row still is as the endpoint was read from it. */
function isStill({ id, url, health }: Endpoint) {
  return and(
    eq(webhooks.id, id),
    eq(webhooks.url, url),
    eq(webhooks.lane, health.lane),
    eq(webhooks.recent, health.recent),
    sql`${webhooks.failingSince} IS ${health.failingSince}`,
  );
}

/** Switches a webhook off by itself, for its owner to see. */
export function disable(db: Db, endpoint: Endpoint, reason: DisabledReason) {
  const { id, url } = endpoint;
  // What answers 410 is gone whatever came before; nothing but failures is disproved by one success elsewhere.
  const holds =
    reason === "gone" ? and(eq(webhooks.id, id), eq(webhooks.url, url)) : isStill(endpoint);
  return db
    .update(webhooks)
    .set({ active: false, disabledAt: Date.now(), disabledReason: reason })
    .where(and(holds, eq(webhooks.active, true)));
}
