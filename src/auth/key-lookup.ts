import { and, eq, isNull } from "drizzle-orm";
import * as z from "zod";
import { openPrimary } from "../db/client";
import { accounts, apiKeys } from "../db/tables";
import type { Env } from "../env";
import { ApiError } from "../errors";
import { logFailure } from "../log";
import { hashKey, isKey } from "./api-keys";
import { forgetUses } from "./last-used";
import { isExpired } from "./limits";

/** Whose key it is, and what it is limited to. */
const Holder = z.object({
  keyId: z.string(),
  accountId: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.int().nullable(),
  allowedIps: z.array(z.string()),
  tags: z.array(z.string()).nullable(),
  /** Calls a minute; null: as many as the deployment says. */
  rateLimit: z.int().nullable(),
});
export type Holder = z.output<typeof Holder>;

/** What KV keeps under a key's hash. `null`: revoked. */
const Cached = Holder.nullable();

const MEMORY_MS = 30_000;
const MEMORY_KEYS = 10_000;
/** The least KV allows; with the memory's 30 s a revoked key lives 60 s elsewhere at most, as far as KV keeps its word. */
const KV_CACHE_SECONDS = 30;
const KV_ENTRY_SECONDS = 3600;
/** KV takes one write a second of a key. */
const KV_WRITE_MS = 1100;
const KV_TRIES = 5;

type Bindings = Pick<Env, "DB" | "API_KEYS" | "UNKNOWN_KEYS">;

/** What this isolate knows: a key -> its holder, or null for one that does not exist. */
const memory = new Map<string, { holder: Holder | null; until: number }>();
/** Addresses that guessed too much: refused until then without a look-up in D1. */
const guessers = new Map<string, number>();

/**
 * The holder of a key, from memory, else KV, else D1; null when nobody's, or when the key has expired.
 * Throws `too_many_requests` for an address that sends too many well-formed keys that do not exist.
 */
export async function findHolder(
  bindings: Bindings,
  key: string,
  address: string,
  waitUntil: (promise: Promise<unknown>) => void,
): Promise<Holder | null> {
  const now = Date.now();
  const holder = await lookUp(bindings, key, address, waitUntil, now);
  return holder && !isExpired(holder, now) ? holder : null;
}

async function lookUp(
  bindings: Bindings,
  key: string,
  address: string,
  waitUntil: (promise: Promise<unknown>) => void,
  now: number,
): Promise<Holder | null> {
  const known = memory.get(key);
  const remembered = known && known.until > now ? known.holder : undefined;
  if (remembered) return remembered;
  if (!(await isKey(key))) return null;
  if (remembered === null) return refuseGuesser(bindings, address, now);

  const hash = await hashKey(key);
  const cached = await readKv(bindings.API_KEYS, hash);
  if (cached === undefined && (guessers.get(address) ?? 0) > now)
    throw new ApiError("too_many_requests", { "retry-after": "60" });
  const holder = cached === undefined ? await readD1(bindings.DB, hash) : cached;
  remember(key, holder, now);
  if (!holder) return refuseGuesser(bindings, address, now);
  if (cached === undefined) waitUntil(writeKv(bindings, hash, holder));
  return holder;
}

/** Makes a revoked key stop: here at once, elsewhere when memory and KV's own cache have run out. Its row must be revoked before. */
export async function forgetKey(
  kv: KVNamespace,
  hash: string,
  keyId: string,
  { waitMs = KV_WRITE_MS } = {},
): Promise<void> {
  forgetHere(keyId);
  const revoked = JSON.stringify(null);
  await untilTaken(() => kv.put(hash, revoked, { expirationTtl: KV_ENTRY_SECONDS }), waitMs);
}

/** Makes a key's new limits count, as soon as {@link forgetKey} stops a key. Its row must be changed before. */
export async function refreshKey(
  kv: KVNamespace,
  hash: string,
  keyId: string,
  { waitMs = KV_WRITE_MS } = {},
): Promise<void> {
  forgetHere(keyId);
  // Not the new limits: of two changes the later one may be the first to be written here.
  await untilTaken(() => kv.delete(hash), waitMs);
}

function forgetHere(keyId: string): void {
  for (const [key, { holder }] of memory) if (holder?.keyId === keyId) memory.delete(key);
}

async function untilTaken(write: () => Promise<void>, waitMs: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await write();
      return;
    } catch (error) {
      // The key may have been written a moment ago.
      if (tries === KV_TRIES) throw error;
      await scheduler.wait(waitMs);
    }
  }
}

/** For tests: a new isolate's memory. */
export function forgetAll(): void {
  memory.clear();
  guessers.clear();
  forgetUses();
}

async function refuseGuesser(bindings: Bindings, address: string, now: number): Promise<null> {
  const { success } = await bindings.UNKNOWN_KEYS.limit({ key: address });
  if (success) return null;
  if (guessers.size >= MEMORY_KEYS) guessers.clear();
  guessers.set(address, now + MEMORY_MS);
  throw new ApiError("too_many_requests", { "retry-after": "60" });
}

function remember(key: string, holder: Holder | null, now: number): void {
  // Oldest first: a Map keeps the order in which its keys came.
  if (memory.size >= MEMORY_KEYS)
    for (const oldest of memory.keys()) {
      memory.delete(oldest);
      break;
    }
  memory.delete(key);
  memory.set(key, { holder, until: now + MEMORY_MS });
}

/** undefined: KV does not know the key or not all of it, or cannot be asked. */
async function readKv(kv: KVNamespace, hash: string): Promise<Holder | null | undefined> {
  try {
    const text = await kv.get(hash, { cacheTtl: KV_CACHE_SECONDS });
    return text === null ? undefined : Cached.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function readD1(d1: D1Database, hash: string): Promise<Holder | null> {
  const [holder] = await openPrimary(d1)
    .select({
      keyId: apiKeys.id,
      accountId: apiKeys.accountId,
      scopes: apiKeys.scopes,
      expiresAt: apiKeys.expiresAt,
      allowedIps: apiKeys.allowedIps,
      tags: apiKeys.tags,
      rateLimit: accounts.rateLimit,
    })
    .from(apiKeys)
    .leftJoin(accounts, eq(accounts.id, apiKeys.accountId))
    .where(and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt)));
  return holder ?? null;
}

/** Fills KV, then looks once more: what was revoked or changed in between must not stay there as it was. */
async function writeKv({ API_KEYS, DB }: Bindings, hash: string, holder: Holder): Promise<void> {
  const written = JSON.stringify(holder);
  try {
    await API_KEYS.put(hash, written, { expirationTtl: KV_ENTRY_SECONDS });
    const now = await readD1(DB, hash);
    if (!now) await forgetKey(API_KEYS, hash, holder.keyId);
    else if (JSON.stringify(now) !== written) await refreshKey(API_KEYS, hash, holder.keyId);
  } catch (error) {
    logFailure("key cache not filled", error, { key_id: holder.keyId });
  }
}
