import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hashKey } from "../../../src/access/api-key";
import { findKey, forgetAll } from "../../../src/access/find-key";
import { noteUse } from "../../../src/access/last-used";
import { call } from "../../support/call";
import { countingD1, countingKv } from "../../support/counting";
import { givenAccount } from "../../support/given-account";

it("takes no entry of KV that lacks one of a key's limits, and reads D1 instead", async () => {
  const acme = await givenAccount();
  const old = JSON.stringify({ keyId: acme.keyId, accountId: acme.id });
  await env.API_KEYS.put(await hashKey(acme.key), old);
  forgetAll();
  const { counts, d1 } = countingD1();
  const later: Promise<unknown>[] = [];
  const record = await findKey(
    { ...env, DB: d1 },
    acme.key,
    () => "192.0.2.1",
    (promise) => {
      later.push(promise);
    },
  );
  const limits = { scopes: ["*"], expiresAt: null, allowedIps: [], tags: null, rateLimit: null };
  expect(record).toEqual({
    keyId: acme.keyId,
    lineage: acme.keyId,
    accountId: acme.id,
    ...limits,
  });
  expect(counts.roundTrips).toBe(1);
  await Promise.all(later);
});

it("leaves no limits in KV of a key that was changed while it was put there", async () => {
  const acme = await givenAccount();
  const other = await acme.givenKey({});
  await env.API_KEYS.delete(await hashKey(other.key));
  forgetAll();
  let changed = false;
  const kv = new Proxy(env.API_KEYS, {
    get(target, name) {
      if (name !== "put") return Reflect.get(target, name).bind(target);
      return async (key: string, value: string, options: object) => {
        if (!changed) {
          changed = true;
          await acme.call("PATCH", `/keys/${other.id}`, { scopes: ["sims:read"] });
        }
        await target.put(key, value, options);
      };
    },
  });
  await other.call("GET", "/", undefined, { env: { API_KEYS: kv } });
  // Whoever reads this asks D1.
  expect(await env.API_KEYS.get(await hashKey(other.key))).toBe('"changed"');
  forgetAll();
  expect(await other.call("GET", "/usage")).toAnswer(403, "scope_missing");
});

it("still needs one round trip and no KV for a read, with every limit set", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const expires_at = new Date(Date.now() + 60_000).toISOString();
  const limited = await acme.givenKey({
    scopes: ["sims:read"],
    allowed_ips: ["2001:db8::/32"],
    expires_at,
  });
  await limited.call("GET", "/");
  const { counts, d1 } = countingD1();
  const { counts: kvCounts, kv } = countingKv();
  const answer = await limited.call("GET", `/sim?id=${id}`, undefined, {
    env: { DB: d1, API_KEYS: kv },
  });
  expect([answer.status, counts.roundTrips, kvCounts.operations]).toEqual([200, 1, 0]);
});

/** What an isolate writes of a key's use at a time. */
async function use(keyId: string, time: number): Promise<number> {
  const { counts, d1 } = countingD1();
  const writes: Promise<unknown>[] = [];
  noteUse(d1, keyId, (promise) => writes.push(promise), time);
  await Promise.all(writes);
  return counts.roundTrips;
}

it("keeps when a key was last used to the quarter of an hour, with a write a quarter", async () => {
  const acme = await givenAccount();
  const lastUsed = async () => (await acme.call("GET", "/keys")).json[0].last_used_at;
  await acme.call("GET", "/");
  const at = Date.parse("2999-01-01T10:07:00Z");
  expect(await use(acme.keyId, at)).toBe(1);
  expect(await lastUsed()).toBe("2999-01-01T10:00:00.000Z");
  expect(await use(acme.keyId, at)).toBe(1);
  expect(await use(acme.keyId, at + 60_000)).toBe(0);
  expect(await use(acme.keyId, at + 8 * 60_000)).toBe(1);
  expect(await lastUsed()).toBe("2999-01-01T10:15:00.000Z");
});

it("never goes back, when another isolate knows of a later use", async () => {
  const acme = await givenAccount();
  const at = Date.parse("2999-01-01T10:07:00Z");
  await use(acme.keyId, at);
  forgetAll();
  await use(acme.keyId, at - 3_600_000);
  expect((await acme.call("GET", "/keys")).json[0].last_used_at).toBe("2999-01-01T10:00:00.000Z");
});

it("answers although the use cannot be written", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  await env.DB.prepare("ALTER TABLE api_keys RENAME COLUMN last_used_at TO gone").run();
  const known = await call("GET", "/", undefined, { key: acme.key });
  expect(known.status).toBe(200);
});
