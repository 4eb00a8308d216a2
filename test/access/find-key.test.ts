import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { hashKey, isKey, mintKey } from "../../src/access/api-key";
import { forgetAll, forgetKey } from "../../src/access/find-key";
import type { Env } from "../../src/platform/env";
import { call } from "../support/call";
import { countingD1, countingKv } from "../support/counting";
import { givenLog } from "../support/log";
import { givenAccount } from "../support/given-account";

/** The bindings that a key may be looked up in, counted. */
function counted() {
  const { counts: d1Counts, d1 } = countingD1();
  const { counts: kvCounts, kv } = countingKv();
  let asked = 0;
  const limiter: RateLimit = {
    async limit() {
      asked += 1;
      return { success: true };
    },
  };
  const limits = { UNKNOWN_KEYS: limiter, UNKNOWN_KEYS_OVER: limiter, UNKNOWN_KEYS_ALL: limiter };
  const bindings: Partial<Env> = { DB: d1, API_KEYS: kv, ...limits };
  const spent = () => ({ d1: d1Counts.roundTrips, kv: kvCounts.operations, limiter: asked });
  return { bindings, spent };
}

/** Makes this isolate and KV forget a key, as if it had not been used for long. */
async function forgetKv(key: string): Promise<string> {
  const hash = await hashKey(key);
  await env.API_KEYS.delete(hash);
  forgetAll();
  return hash;
}

it("takes a key raw, and as a bearer", async () => {
  const acme = await givenAccount();
  for (const authorization of [acme.key, `Bearer ${acme.key}`, `bearer  ${acme.key}`]) {
    const answer = await call("GET", "/", undefined, { headers: { authorization } });
    expect(answer).toAnswer(200, { message: "OK" });
  }
});

it("takes a key by no other way", async () => {
  const { key } = await givenAccount();
  const basic = `Basic ${btoa(`${key}:`)}`;
  for (const authorization of [
    basic,
    `Token ${key}`,
    `${key},${key}`,
    `Bearer${key}`,
    key.toLowerCase(),
  ]) {
    const answer = await call("GET", "/", undefined, { headers: { authorization } });
    expect(answer).toAnswer(401, "unauthorized");
  }
  expect(await call("GET", `/?key=${key}`)).toAnswer(401, "unauthorized");
  const answer = await call("GET", "/", undefined, { headers: { "x-api-key": key } });
  expect(answer).toAnswer(401, "unauthorized");
});

it("spends nothing on a mistyped key", async () => {
  const { key } = await givenAccount();
  const { bindings, spent } = counted();
  const other = (letter: string) => (letter === "x" ? "y" : "x");
  const mistyped = Array.from({ length: 40 }, (_, index) => {
    const at = index + 3;
    return key.slice(0, at) + other(key.charAt(at)) + key.slice(at + 1);
  });
  for (const wrong of [
    ...mistyped,
    key.slice(0, -1),
    `${key}x`,
    key.slice(3),
    `pk_${key.slice(3)}`,
  ])
    expect(await call("GET", "/sim", undefined, { key: wrong, env: bindings })).toAnswer(
      401,
      "unauthorized",
    );
  expect(spent()).toEqual({ d1: 0, kv: 0, limiter: 0 });
});

it("mints keys that are unlike each other and that it knows for keys", async () => {
  const keys = await Promise.all(Array.from({ length: 100 }, mintKey));
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(await isKey(key)).toBe(true);
});

it("needs one round trip to D1 for a call, and no KV, once it knows the key", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  await acme.call("GET", `/sim?id=${id}`);
  const calls: [method: string, path: string, body?: object][] = [
    ["GET", `/sim?id=${id}`],
    ["PUT", "/sim", { id, alias: "drone" }],
    ["POST", "/sim", { id }],
    [
      "POST",
      "/connector",
      { id: "mine", type: "https", options: { url: "https://a.example.com" } },
    ],
    ["GET", "/connector?id=mine"],
    ["DELETE", "/connector?id=mine"],
    ["GET", "/usage"],
    ["GET", `/usage?sim_id=${id}`],
    ["POST", "/webhooks", { url: "https://receiver.acme.com/" }],
    ["GET", "/webhooks"],
    ["DELETE", `/sim?id=${id}`],
  ];
  for (const [method, path, body] of calls) {
    const { bindings, spent } = counted();
    const { status } = await acme.call(method, path, body, { env: bindings });
    expect([method, path, status < 500, spent()]).toEqual([
      method,
      path,
      true,
      { d1: 1, kv: 0, limiter: 0 },
    ]);
  }
});

it("looks a key up in memory, then KV, then D1", async () => {
  const acme = await givenAccount();
  const lookUp = async () => {
    const { bindings, spent } = counted();
    expect((await acme.call("GET", "/", undefined, { env: bindings })).status).toBe(200);
    return spent();
  };
  // Known since it was made. Its use is noted in D1.
  expect(await lookUp()).toEqual({ d1: 1, kv: 0, limiter: 0 });
  expect(await lookUp()).toEqual({ d1: 0, kv: 0, limiter: 0 });
  forgetAll();
  expect(await lookUp()).toEqual({ d1: 1, kv: 1, limiter: 0 });
  await forgetKv(acme.key);
  // Found in D1 and put into KV, after which D1 is asked once more in case the key was revoked meanwhile.
  expect(await lookUp()).toEqual({ d1: 3, kv: 2, limiter: 2 });
});

it("goes on when KV cannot be asked, or holds what it cannot read", async () => {
  const acme = await givenAccount();
  const failing = new Proxy(env.API_KEYS, {
    get(target, name) {
      if (name === "get") return () => Promise.reject(new Error("KV GET failed: 503"));
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  expect((await acme.call("GET", "/", undefined, { env: { API_KEYS: failing } })).status).toBe(200);
  const { keys } = await env.API_KEYS.list();
  for (const { name } of keys) await env.API_KEYS.put(name, '{"old":"form"}');
  forgetAll();
  expect((await acme.call("GET", "/")).status).toBe(200);
});

it("goes on when KV takes no more writes, and says so in the log", async () => {
  const acme = await givenAccount();
  const { id, key, call: callWith } = await acme.givenKey({});
  await forgetKv(key);
  const log = givenLog();
  const full = new Proxy(env.API_KEYS, {
    get(target, name) {
      if (name === "put") return () => Promise.reject(new Error("KV PUT failed: 429"));
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  expect((await callWith("GET", "/", undefined, { env: { API_KEYS: full } })).status).toBe(200);
  expect(log.of("key cache not filled")).toMatchObject([
    { key_id: id, error: "Error: KV PUT failed: 429" },
  ]);
});

/** KV as the platform has it: a second write of a key within `everyMs` is refused. */
function slowKv(everyMs: number): KVNamespace {
  const written = new Map<string, number>();
  return new Proxy(env.API_KEYS, {
    get(target, name) {
      if (name !== "put") return Reflect.get(target, name).bind(target);
      return async (key: string, value: string, options: object) => {
        if (Date.now() - (written.get(key) ?? 0) < everyMs) throw new Error("KV PUT failed: 429");
        written.set(key, Date.now());
        await target.put(key, value, options);
      };
    },
  });
}

it("makes KV forget a key although it took a write of it a moment ago", async () => {
  const kv = slowKv(20);
  await kv.put("hash", "{}", {});
  await forgetKey(kv, "hash", "id", { waitMs: 25 });
  expect(await env.API_KEYS.get("hash")).toBe("null");
});

it("fails when KV cannot be made to forget a key, so that the caller tries again", async () => {
  const kv = slowKv(60_000);
  await kv.put("hash", "{}", {});
  await expect(forgetKey(kv, "hash", "id", { waitMs: 1 })).rejects.toThrow("429");
});

describe("an entry of KV", () => {
  /** KV, with the options of each call. */
  function watchedKv(calls: [name: string, options: unknown][]): KVNamespace {
    return new Proxy(env.API_KEYS, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => {
          calls.push([String(name), given.at(-1)]);
          return Reflect.apply(member, target, given);
        };
      },
    });
  }

  it("is cached for 30 seconds, and kept for more than a month", async () => {
    const acme = await givenAccount();
    await forgetKv(acme.key);
    const calls: [string, { expirationTtl?: number }][] = [];
    await acme.call("GET", "/", undefined, { env: { API_KEYS: watchedKv(calls) } });
    expect(calls.map(([name]) => name)).toEqual(["get", "put"]);
    const [[, read], [, written]] = [calls[0] ?? [], calls[1] ?? []];
    expect(read).toEqual({ cacheTtl: 30 });
    expect(written?.expirationTtl).toBeGreaterThan(31 * 86_400);
  });

  it("is believed at once and compared with D1 behind the answer when it is an hour old, not when it is young", async () => {
    const acme = await givenAccount();
    const hash = await hashKey(acme.key);
    const checkedAt = async () =>
      (await env.API_KEYS.get<{ checkedAt: number }>(hash, "json"))?.checkedAt;
    const setAge = async (ms: number) => {
      const entry = await env.API_KEYS.get<object>(hash, "json");
      const aged = { ...entry, checkedAt: Date.now() - ms };
      await env.API_KEYS.put(hash, JSON.stringify(aged));
      forgetAll();
      return aged.checkedAt;
    };
    const young = await setAge(1_790_000);
    expect((await acme.call("GET", "/")).status).toBe(200);
    expect(await checkedAt()).toBe(young);
    await setAge(3_600_001);
    const { counts, d1 } = countingD1();
    expect((await acme.call("GET", "/", undefined, { env: { DB: d1 } })).status).toBe(200);
    expect(Date.now() - ((await checkedAt()) ?? 0)).toBeLessThan(60_000);
    // Read, read once more after the write; and the use is noted.
    expect(counts.roundTrips).toBe(3);
  });

  it("of a key whose end KV did not take is ended by that comparison", async () => {
    const acme = await givenAccount();
    const hash = await hashKey(acme.key);
    const entry = await env.API_KEYS.get<object>(hash, "json");
    await acme.revokeKey();
    await env.API_KEYS.put(hash, JSON.stringify({ ...entry, checkedAt: 0 }));
    await acme.call("GET", "/");
    expect(await env.API_KEYS.get(hash)).toBe("null");
    expect(await acme.call("GET", "/")).toAnswer(401, "unauthorized");
  });
});

it("holds a key in memory for 30 seconds", async () => {
  const acme = await givenAccount();
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  expect((await acme.call("GET", "/")).status).toBe(200);
  const at = async (ms: number) => {
    vi.setSystemTime(start + ms);
    const { bindings, spent } = counted();
    await acme.call("GET", "/", undefined, { env: bindings });
    return spent().kv;
  };
  expect([await at(29_000), await at(30_100)]).toEqual([0, 1]);
});
