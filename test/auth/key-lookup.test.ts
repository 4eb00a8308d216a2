import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { isKey, mintKey } from "../../src/auth/api-keys";
import { forgetAll, forgetKey } from "../../src/auth/key-lookup";
import type { Env } from "../../src/env";
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
  const bindings: Partial<Env> = { DB: d1, API_KEYS: kv, UNKNOWN_KEYS: limiter };
  const spent = () => ({ d1: d1Counts.roundTrips, kv: kvCounts.operations, limiter: asked });
  return { bindings, spent };
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
  // Found in D1 and put into KV, where it is looked at once more in case it was revoked meanwhile. Then its use is noted.
  expect(await lookUp()).toEqual({ d1: 3, kv: 2, limiter: 0 });
  expect(await lookUp()).toEqual({ d1: 0, kv: 0, limiter: 0 });
  forgetAll();
  expect(await lookUp()).toEqual({ d1: 1, kv: 1, limiter: 0 });
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
  const { id, call: callWith } = await acme.givenKey({});
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
