import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hashKey } from "../../../../src/access/api-key";
import { forgetAll } from "../../../../src/access/find-key";
import { callAsOperator } from "../../../support/call";
import { givenAccount } from "../../../support/given-account";
import { everythingStored } from "../../../support/stored";

/** All that KV holds. */
async function storedInKv(): Promise<Record<string, string | null>> {
  const { keys } = await env.API_KEYS.list();
  const pairs = keys.map(async ({ name }) => [name, await env.API_KEYS.get(name)]);
  return Object.fromEntries(await Promise.all(pairs));
}

it("makes a key that works, and shows it this once", async () => {
  const acme = await givenAccount();
  const path = `/operator/accounts/${acme.id}/keys`;
  const made = await callAsOperator("POST", path, { name: "server" });
  expect(made.status).toBe(201);
  const limits = ["scopes", "expires_at", "allowed_ips", "tags"];
  expect(Object.keys(made.json)).toEqual(["id", "name", "key", "created_at", ...limits]);
  const { key, ...shown } = made.json;
  expect(key).toMatch(/^sp_[0-9A-Za-z]{40}$/);
  expect(await acme.call("GET", "/", undefined, { key })).toAnswer(200, { message: "OK" });
  const listed = await callAsOperator("GET", path);
  const last_used_at: unknown = expect.stringMatching(/T\d\d:(00|15|30|45):00.000Z$/);
  expect(listed.json.keys).toContainEqual({ ...shown, last_used_at, revoked_at: null });
  expect(listed.text).not.toContain(key);
});

it("keeps of a key only its SHA-256, in D1 and in KV", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const stored = JSON.stringify([await everythingStored(), await storedInKv()]);
  const random = acme.key.slice(3, -6);
  expect(stored).not.toContain(random);
  expect(stored).not.toContain(random.slice(0, 12));
  const hash = await hashKey(acme.key);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  const limits = { scopes: ["*"], expiresAt: null, allowedIps: [], tags: null, rateLimit: null };
  const { [hash]: entry, ...others } = await storedInKv();
  const { checkedAt, ...record } = JSON.parse(entry ?? "");
  const { keyId } = acme;
  expect(record).toEqual({ keyId, lineage: keyId, accountId: acme.id, ...limits });
  expect(Date.now() - checkedAt).toBeLessThan(60_000);
  expect(others).toEqual({});
});

it("gives an account several keys, and lists them without those of others", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const path = `/operator/accounts/${acme.id}/keys`;
  const second = (await callAsOperator("POST", path, { name: "second" })).json;
  const { keys } = (await callAsOperator("GET", path)).json;
  const ids = keys.map(({ id }: { id: string }) => id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids)).toEqual(new Set([acme.keyId, second.id]));
  expect(ids).not.toContain(globex.keyId);
});

it("stops a revoked key at once, and no other", async () => {
  const acme = await givenAccount();
  const path = `/operator/accounts/${acme.id}/keys`;
  const second = (await callAsOperator("POST", path, { name: "second" })).json;
  const use = (key: string) => acme.call("GET", "/", undefined, { key });
  for (const key of [acme.key, second.key]) expect((await use(key)).status).toBe(200);
  expect(await acme.revokeKey()).toAnswer(200, { message: "OK" });
  expect(await use(acme.key)).toAnswer(401, "unauthorized");
  expect((await use(second.key)).status).toBe(200);
});

it("leaves in KV that a key is revoked, for those that still have it there", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  await acme.revokeKey();
  expect(await storedInKv()).toEqual({ [await hashKey(acme.key)]: "null" });
  forgetAll();
  expect(await acme.call("GET", "/")).toAnswer(401, "unauthorized");
  await env.API_KEYS.delete(await hashKey(acme.key));
  forgetAll();
  expect(await acme.call("GET", "/")).toAnswer(401, "unauthorized");
});

it("says when a key was revoked, the first time", async () => {
  const acme = await givenAccount();
  const revokedAt = async () =>
    (await callAsOperator("GET", `/operator/accounts/${acme.id}/keys`)).json.keys[0].revoked_at;
  expect(await revokedAt()).toBeNull();
  await acme.revokeKey();
  const first = await revokedAt();
  expect(first).toBe(new Date(first).toISOString());
  expect(await acme.revokeKey()).toAnswer(200, { message: "OK" });
  expect(await revokedAt()).toBe(first);
});

it("knows no keys of an account that does not exist, and no such key", async () => {
  for (const id of ["nobody", crypto.randomUUID(), "%00", "%F0%9F%98%80"]) {
    const path = `/operator/accounts/${id}/keys`;
    expect(await callAsOperator("POST", path, { name: "x" })).toAnswer(404, "account_not_found");
    expect(await callAsOperator("GET", path)).toAnswer(404, "account_not_found");
    const answer = await callAsOperator("DELETE", `/operator/keys/${id}`);
    expect(answer).toAnswer(404, "key_not_found");
  }
});

it("refuses an id that is too long, and a name that is none", async () => {
  const acme = await givenAccount();
  const long = "x".repeat(65);
  const path = `/operator/accounts/${long}/keys`;
  expect(await callAsOperator("POST", path, { name: "x" })).toAnswer(400, "id_invalid");
  expect(await callAsOperator("GET", path)).toAnswer(400, "id_invalid");
  expect(await callAsOperator("DELETE", `/operator/keys/${long}`)).toAnswer(400, "id_invalid");
  for (const name of [undefined, null, "", 1, "x".repeat(101), "\n", [], {}]) {
    const answer = await callAsOperator("POST", `/operator/accounts/${acme.id}/keys`, { name });
    expect(answer).toAnswer(400, "name_invalid");
  }
});
