import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { webhooks } from "../db/tables";
import { open } from "../secrets";
import type { DisabledReason, Health } from "./health";
import type { RetryPolicy } from "./retry-schedule";

type Row = typeof webhooks.$inferSelect;

/** Where to deliver, and how it fares. */
export interface Endpoint {
  id: string;
  accountId: string;
  url: string;
  authorization: string | null;
  /** Each of them signs: after a rotation the new one and the one before. */
  secrets: string[];
  retry: RetryPolicy;
  health: Health;
}

/** The active ones among the webhooks, each only with the account that it is wanted for; their secrets are sealed. */
export async function findSealedEndpoints(
  db: Db,
  wanted: readonly { webhook_id: string; account_id: string }[],
): Promise<Map<string, Row>> {
  const pairs = JSON.stringify(
    wanted.map(({ webhook_id, account_id }) => [webhook_id, account_id]),
  );
  const rows = await db
    .select()
    .from(webhooks)
    .where(
      and(
        eq(webhooks.active, true),
        sql`(${webhooks.id}, ${webhooks.accountId}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${pairs}))`,
      ),
    );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The account's webhook, active or not. */
export async function findSealedEndpoint(
  db: Db,
  accountId: string,
  id: string,
): Promise<Row | undefined> {
  const [row] = await db
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.accountId, accountId)));
  return row;
}

/** The endpoint with its secrets opened. Throws when `encryptionKey` is not the one they were sealed with. */
export async function openEndpoint(row: Row, encryptionKey: string): Promise<Endpoint> {
  const { id, accountId, url, retry, lane, recent, failingSince } = row;
  const opened = (field: string, sealed: string) => open(encryptionKey, placeOf(id, field), sealed);
  const secrets = [await opened("secret", row.secret)];
  if (row.previousSecret !== null && (row.previousSecretUntil ?? 0) > Date.now())
    secrets.push(await opened("secret", row.previousSecret));
  return {
    id,
    accountId,
    url,
    authorization: row.authorization && (await opened("authorization", row.authorization)),
    secrets,
    retry,
    health: { lane, recent, failingSince },
  };
}

/** Where a webhook's secret is kept, for sealing it. */
export function placeOf(id: string, field: string): string {
  return `webhooks/${id}/${field}`;
}

/** Notes how an endpoint fares. */
export function keepHealth(db: Db, id: string, health: Health) {
  return db.update(webhooks).set(health).where(eq(webhooks.id, id));
}

/** Switches a webhook off by itself, for its owner to see. */
export function disable(db: Db, id: string, reason: DisabledReason) {
  return db
    .update(webhooks)
    .set({ active: false, disabledAt: Date.now(), disabledReason: reason })
    .where(and(eq(webhooks.id, id), eq(webhooks.active, true)));
}
