import { and, eq, isNull, sql } from "drizzle-orm";
import * as z from "zod";
import { BoundedMap } from "../platform/bounded-map";
import { openPrimary } from "../db/client";
import { accounts, apiKeys } from "../db/tables";
import type { Env } from "../platform/env";
import { logFailure } from "../platform/log";
import { hashKey, isKey } from "./api-key";
import { admitLookUp, countGuess, type GuessLimits, tooManyGuesses } from "./guesses";
import { forgetUses } from "./last-used";
import { isExpired } from "./key-limits";
import { HOUR_MS, DAY_MS } from "../platform/time";

/** A key as its calls need it: its account, and the limits of both. */
const KeyRecord = z.object({
  keyId: z.string(),
  /** The same for a key and those that rotations made in its place. */
  lineage: z.string(),
  accountId: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.int().nullable(),
  allowedIps: z.array(z.string()),
  tags: z.array(z.string()).nullable(),
  /** Calls a minute; null: as many as the deployment says. */
  rateLimit: z.int().nullable(),
});
export type KeyRecord = z.output<typeof KeyRecord>;

/** An entry of KV, under a key's hash: the key's record and when D1 said so (ms), or null for a revoked key. */
const Entry = z.object({ ...KeyRecord.shape, checkedAt: z.int().default(0) }).nullable();

/** In place of an entry whose key was changed: D1 is asked. */
const CHANGED = JSON.stringify("changed");

const MEMORY_MS = 30_000;
const MEMORY_KEYS = 10_000;
/** The least KV allows; with the memory's 30 s a revoked key lives 60 s elsewhere at most, as far as KV keeps its word. */
const KV_CACHE_SECONDS = 30;
/** More than a month, so that a key that is used once a month does not depend on the limits of guesses. */
const KV_ENTRY_SECONDS = (35 * DAY_MS) / 1000;
/** An entry is compared with D1 at this age, or from half of it on by chance, so that not all isolates do it at once. */
const KV_CHECK_MS = HOUR_MS;
/** KV takes one write a second of a key. */
const KV_WRITE_MS = 1100;
const KV_TRIES = 5;

type Stores = Pick<Env, "DB" | "API_KEYS">;
type WaitUntil = (promise: Promise<unknown>) => void;
/** Names the caller that a guess is counted for. */
type Caller = () => string;

/** The records of the keys that this isolate knows. */
const known = new BoundedMap<string, KeyRecord>(MEMORY_KEYS, MEMORY_MS);
/** Keys that nobody has. */
const unknown = new BoundedMap<string, true>(MEMORY_KEYS, MEMORY_MS);

/**
 * The record of a key, from memory, else KV, else D1; null when there is no such key, or when it has expired.
 * Throws `too_many_requests` for a caller that sends too many well-formed keys that do not exist.
 */
export async function findKey(
  bindings: Stores & GuessLimits,
  key: string,
  caller: Caller,
  waitUntil: WaitUntil,
): Promise<KeyRecord | null> {
  const now = Date.now();
  const record = known.get(key, now) ?? (await lookUp(bindings, key, caller, waitUntil, now));
  return record && !isExpired(record, now) ? record : null;
}

async function lookUp(
  bindings: Stores & GuessLimits,
  key: string,
  caller: Caller,
  waitUntil: WaitUntil,
  now: number,
): Promise<KeyRecord | null> {
  if (!(await isKey(key))) return null;
  if (unknown.get(key, now)) return refuse(bindings, caller);

  const hash = await hashKey(key);
  const cached = await readKv(bindings.API_KEYS, hash);
  if (cached.state === "revoked") {
    unknown.set(key, true, now);
    return refuse(bindings, caller);
  }
  if (cached.state === "found") {
    known.set(key, cached.record, now);
    const isDue = now - cached.checkedAt > KV_CHECK_MS * (0.5 + Math.random() / 2);
    if (isDue) waitUntil(checkKv(bindings, hash, cached.record.keyId));
    return cached.record;
  }

  // An entry that cannot be read is a key's, and while KV is down no key could be told from a guess: neither is limited.
  const admitted = cached.state === "absent" ? await admitLookUp(bindings, caller()) : undefined;
  const record = await readD1(bindings.DB, hash);
  if (record) {
    known.set(key, record, now);
    waitUntil(writeKv(bindings, hash, record));
    return record;
  }
  unknown.set(key, true, now);
  if (!admitted) return refuse(bindings, caller);
  if (admitted.over) throw tooManyGuesses();
  return null;
}

async function refuse(limits: GuessLimits, caller: Caller): Promise<null> {
  await countGuess(limits, caller());
  return null;
}

/** Has memory and KV know a key that was just made, so that its first calls do not count as guesses. */
export async function cacheNewKey(stores: Stores, key: string, record: KeyRecord): Promise<void> {
  known.set(key, record);
  await writeKv(stores, await hashKey(key), record);
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
  // Not the new limits: of two changes the later one may be the first to be written here. A deleted entry would be a guess.
  await untilTaken(() => kv.put(hash, CHANGED, { expirationTtl: KV_ENTRY_SECONDS }), waitMs);
}

function forgetHere(keyId: string): void {
  known.deleteWhere((record) => record.keyId === keyId);
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
  known.clear();
  unknown.clear();
  forgetUses();
}

type Cached =
  | { state: "found"; record: KeyRecord; checkedAt: number }
  | { state: "revoked" | "absent" }
  /** KV cannot be asked, the key was changed, or the entry is of an older form. */
  | { state: "unreadable" };

async function readKv(kv: KVNamespace, hash: string): Promise<Cached> {
  try {
    const text = await kv.get(hash, { cacheTtl: KV_CACHE_SECONDS });
    if (text === null) return { state: "absent" };
    const entry = Entry.parse(JSON.parse(text));
    if (!entry) return { state: "revoked" };
    const { checkedAt, ...record } = entry;
    return { state: "found", record, checkedAt };
  } catch {
    return { state: "unreadable" };
  }
}

async function readD1(d1: D1Database, hash: string): Promise<KeyRecord | null> {
  const [record] = await openPrimary(d1)
    .select({
      keyId: apiKeys.id,
      lineage: sql<string>`coalesce(${apiKeys.lineage}, ${apiKeys.id})`.as("lineage"),
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
  return record ?? null;
}

/** Compares KV's entry of a key with D1. */
async function checkKv(stores: Stores, hash: string, keyId: string): Promise<void> {
  try {
    const record = await readD1(stores.DB, hash);
    if (record) await writeKv(stores, hash, record);
    else await forgetKey(stores.API_KEYS, hash, keyId);
  } catch (error) {
    logFailure("key cache not filled", error, { key_id: keyId });
  }
}

/** Fills KV, then looks once more: what was revoked or changed in between must not stay there as it was. */
async function writeKv({ API_KEYS, DB }: Stores, hash: string, record: KeyRecord): Promise<void> {
  try {
    const entry = JSON.stringify({ ...record, checkedAt: Date.now() });
    await API_KEYS.put(hash, entry, { expirationTtl: KV_ENTRY_SECONDS });
    const now = await readD1(DB, hash);
    if (!now) await forgetKey(API_KEYS, hash, record.keyId);
    else if (!isSame(now, record)) await refreshKey(API_KEYS, hash, record.keyId);
  } catch (error) {
    logFailure("key cache not filled", error, { key_id: record.keyId });
  }
}

function isSame(one: KeyRecord, other: KeyRecord): boolean {
  return JSON.stringify(KeyRecord.parse(one)) === JSON.stringify(KeyRecord.parse(other));
}
