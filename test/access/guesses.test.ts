import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { hashKey, mintKey } from "../../src/access/api-key";
import { forgetAll } from "../../src/access/find-key";
import { call, type CallOptions } from "../support/call";
import { countingD1 } from "../support/counting";
import { givenAccount } from "../support/given-account";
import { givenGuessLimits, givenLimit } from "../support/limits";

interface Guess {
  address?: string;
  env?: CallOptions["env"];
  path?: string;
  headers?: Record<string, string>;
  key?: string;
}

/** Sends a well-formed key that nobody has. */
async function guess({ address = "192.0.2.1", env: changes = {}, path = "/sim", ...given }: Guess) {
  const headers = { "cf-connecting-ip": address, ...given.headers };
  const key = given.key ?? (await mintKey());
  return call("GET", path, undefined, { key, headers, env: changes });
}

async function guessTimes(times: number, given: Guess) {
  for (let tries = 1; tries <= times; tries += 1) await guess(given);
}

/** An account whose key no cache has. */
async function givenForgotten() {
  const acme = await givenAccount();
  await env.API_KEYS.delete(await hashKey(acme.key));
  forgetAll();
  return acme;
}

describe("a caller that tries more than 60 unknown keys in a minute", () => {
  it("is stopped, and no other", async () => {
    const limits = givenGuessLimits();
    for (let tries = 1; tries <= 60; tries += 1)
      expect(await guess({ env: limits })).toAnswer(401, "unauthorized");
    const answer = await guess({ env: limits });
    expect(answer).toAnswer(429, "too_many_requests");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await guess({ env: limits, address: "192.0.2.2" })).toAnswer(401, "unauthorized");
  });

  it("is stopped at the operator's paths, whatever form its keys have; the operator's key is not", async () => {
    for (const key of [undefined, "op_0123456789"]) {
      const given = { env: givenGuessLimits(), path: "/operator/accounts" };
      const wrong = key === undefined ? given : { ...given, key };
      for (let tries = 1; tries <= 60; tries += 1)
        expect(await guess(wrong)).toAnswer(401, "unauthorized");
      expect(await guess(wrong)).toAnswer(429, "too_many_requests");
      expect((await guess({ ...given, key: env.OPERATOR_KEY })).status).toBe(200);
    }
  });

  it("is stopped with one and the same key too, which is looked up once", async () => {
    const { counts, d1 } = countingD1();
    const given = { env: { ...givenGuessLimits(), DB: d1 }, key: await mintKey() };
    for (let tries = 1; tries <= 60; tries += 1) expect((await guess(given)).status).toBe(401);
    expect(counts.roundTrips).toBe(1);
    expect(await guess(given)).toAnswer(429, "too_many_requests");
  });

  it("is an IPv6 /64, however many of its addresses call", async () => {
    const limits = givenGuessLimits();
    const from = (n: number, network = "2001:db8:1:2") =>
      guess({ env: limits, address: `${network}:${n.toString(16)}::${n.toString(16)}` });
    for (let n = 1; n <= 60; n += 1) expect((await from(n)).status).toBe(401);
    expect(await from(61)).toAnswer(429, "too_many_requests");
    expect(await from(1, "2001:db8:1:3")).toAnswer(401, "unauthorized");
  });

  it("is an IPv4 address, however it is written", async () => {
    const limits = givenGuessLimits();
    await guessTimes(60, { env: limits });
    const mapped = await guess({ env: limits, address: "::ffff:192.0.2.1" });
    expect(mapped).toAnswer(429, "too_many_requests");
  });

  it("is a Worker's zone, since all Workers call from one address", async () => {
    const limits = givenGuessLimits();
    const of = (zone: string, address = "2a06:98c0:3600::103") => ({
      env: limits,
      address,
      headers: { "cf-worker": zone },
    });
    await guessTimes(60, of("guesser.example"));
    expect(await guess(of("guesser.example"))).toAnswer(429, "too_many_requests");
    expect(await guess(of("other.example"))).toAnswer(401, "unauthorized");
    // Another address's word for its zone does not count.
    for (const address of ["192.0.2.9", "2001:db8:9::9"]) {
      await guessTimes(60, of("a.example", address));
      expect(await guess(of("b.example", address))).toAnswer(429, "too_many_requests");
    }
  });
});

describe("D1", () => {
  /** How often D1 is asked for a thousand guesses. */
  async function readsOf(address: (n: number) => string, limits: CallOptions["env"]) {
    const { counts, d1 } = countingD1();
    const given = { env: { ...limits, DB: d1 } };
    const guesses = Array.from({ length: 1000 }, (_, n) =>
      guess({ ...given, address: address(n) }),
    );
    for (const { status } of await Promise.all(guesses)) expect([401, 429]).toContain(status);
    return counts.roundTrips;
  }

  it("is asked at most 100 times for 1,000 unknown keys from one /64, by the platform's own limits", async () => {
    const network = (run: number) => (n: number) => `2001:db8:ff:${run}::${n.toString(16)}`;
    // A minute may end on the way, but not in two runs after each other.
    const runs = [await readsOf(network(1), {}), await readsOf(network(2), {})];
    expect(Math.min(...runs)).toBeLessThanOrEqual(100);
    expect(Math.min(...runs)).toBeGreaterThan(0);
  });

  it("is asked at most 600 times for 1,000 unknown keys from as many networks", async () => {
    const reads = await readsOf((n) => `2001:db8:fe:${n.toString(16)}::1`, givenGuessLimits());
    expect(reads).toBe(600);
  });
});

describe("a good key", () => {
  it("that memory or KV has is served, whatever its neighbours guess", async () => {
    const acme = await givenAccount();
    const limits = { ...givenGuessLimits(), UNKNOWN_KEYS_OVER: givenLimit(0) };
    await guessTimes(61, { env: limits });
    for (const forget of [() => undefined, forgetAll]) {
      forget();
      expect((await guess({ env: limits, key: acme.key, path: "/" })).status).toBe(200);
    }
  });

  it("is no guess from its first call on, for an isolate that did not make it either", async () => {
    const none = givenLimit(0);
    const limits = { UNKNOWN_KEYS: none, UNKNOWN_KEYS_OVER: none, UNKNOWN_KEYS_ALL: none };
    const acme = await givenAccount();
    const { json: made } = await acme.call("POST", "/keys", { name: "made", scopes: ["*"] });
    const { json: rotated } = await acme.call("POST", `/keys/${made.id}/rotate`, {});
    for (const { key } of [acme, made, rotated])
      for (const forget of [() => undefined, forgetAll]) {
        forget();
        expect((await guess({ env: limits, key, path: "/" })).status).toBe(200);
      }
  });

  it("that no cache has gets a few looks a minute, though its neighbours guess", async () => {
    const acme = await givenForgotten();
    const limits = givenGuessLimits();
    await guessTimes(65, { env: limits });
    expect((await guess({ env: limits, key: acme.key, path: "/" })).status).toBe(200);
  });

  it("that no cache has is looked up without a limit while KV cannot be read", async () => {
    const acme = await givenForgotten();
    const failing = new Proxy(env.API_KEYS, {
      get: () => () => Promise.reject(new Error("KV GET failed: 503")),
    });
    const limits = { ...givenGuessLimits(), UNKNOWN_KEYS: givenLimit(0), API_KEYS: failing };
    expect((await guess({ env: limits, key: acme.key, path: "/" })).status).toBe(200);
    // Guesses are counted afterwards.
    expect(await guess({ env: limits, path: "/" })).toAnswer(429, "too_many_requests");
  });

  it("whose entry in KV is of an older form is no guess", async () => {
    const acme = await givenForgotten();
    await env.API_KEYS.put(await hashKey(acme.key), '{"old":"form"}');
    const limits = { ...givenGuessLimits(), UNKNOWN_KEYS: givenLimit(0) };
    expect((await guess({ env: limits, key: acme.key, path: "/" })).status).toBe(200);
  });
});

it("is told by the platform's own limit", async () => {
  const statuses = new Set<number>();
  // Twice the limit and more: a new minute may begin on the way.
  for (let tries = 1; tries <= 130 && !statuses.has(429); tries += 1)
    statuses.add((await guess({ address: "192.0.2.7" })).status);
  expect(statuses).toEqual(new Set([401, 429]));
});
