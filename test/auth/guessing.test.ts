import { expect, it } from "vitest";
import { mintKey } from "../../src/auth/api-keys";
import { call, type CallOptions } from "../support/call";
import { countingD1 } from "../support/counting";
import { givenAccount } from "../support/given-account";

/** Lets 60 calls from an address through, as the platform's limit does in a minute. */
function givenLimit(): RateLimit {
  const counts = new Map<string, number>();
  return {
    async limit({ key }) {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { success: count <= 60 };
    },
  };
}

/** Sends a well-formed key that nobody has. */
async function guess(address: string, env: CallOptions["env"], path = "/sim") {
  const headers = { "cf-connecting-ip": address };
  return call("GET", path, undefined, { key: await mintKey(), headers, ...(env && { env }) });
}

it("stops an address that tries more than 60 unknown keys in a minute", async () => {
  const env = { UNKNOWN_KEYS: givenLimit() };
  for (let tries = 1; tries <= 60; tries += 1)
    expect(await guess("192.0.2.1", env)).toAnswer(401, "unauthorized");
  const answer = await guess("192.0.2.1", env);
  expect(answer).toAnswer(429, "too_many_requests");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await guess("192.0.2.2", env)).toAnswer(401, "unauthorized");
});

it("counts guesses at the operator's paths too", async () => {
  const env = { UNKNOWN_KEYS: givenLimit() };
  const path = "/operator/accounts";
  for (let tries = 1; tries <= 60; tries += 1)
    expect(await guess("192.0.2.3", env, path)).toAnswer(401, "unauthorized");
  expect(await guess("192.0.2.3", env, path)).toAnswer(429, "too_many_requests");
});

it("counts an unknown key each time it is tried, without looking it up again", async () => {
  const { counts, d1 } = countingD1();
  const env = { UNKNOWN_KEYS: givenLimit(), DB: d1 };
  const key = await mintKey();
  const headers = { "cf-connecting-ip": "192.0.2.4" };
  for (let tries = 1; tries <= 60; tries += 1)
    expect((await call("GET", "/", undefined, { key, headers, env })).status).toBe(401);
  expect(counts.roundTrips).toBe(1);
  expect(await call("GET", "/", undefined, { key, headers, env })).toAnswer(
    429,
    "too_many_requests",
  );
});

it("spends no look-up in D1 on an address that it stopped", async () => {
  const limit = givenLimit();
  for (let tries = 1; tries <= 61; tries += 1) await guess("192.0.2.5", { UNKNOWN_KEYS: limit });
  const { counts, d1 } = countingD1();
  const answer = await guess("192.0.2.5", { UNKNOWN_KEYS: limit, DB: d1 });
  expect(answer).toAnswer(429, "too_many_requests");
  expect(counts.roundTrips).toBe(0);
});

it("goes on serving the keys that it knows at an address that it stopped", async () => {
  const acme = await givenAccount();
  const headers = { "cf-connecting-ip": "192.0.2.6" };
  const env = { UNKNOWN_KEYS: givenLimit() };
  expect((await acme.call("GET", "/", undefined, { headers, env })).status).toBe(200);
  for (let tries = 1; tries <= 61; tries += 1) await guess("192.0.2.6", env);
  expect((await acme.call("GET", "/", undefined, { headers, env })).status).toBe(200);
});

it("is told by the platform's own limit", async () => {
  const statuses = new Set<number>();
  // Twice the limit and more: a new minute may begin on the way.
  for (let tries = 1; tries <= 130 && !statuses.has(429); tries += 1)
    statuses.add((await guess("192.0.2.7", {})).status);
  expect(statuses).toEqual(new Set([401, 429]));
});
