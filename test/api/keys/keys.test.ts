import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { forgetAll } from "../../../src/access/find-key";
import { hashKey } from "../../../src/access/api-key";
import { call, callAsOperator } from "../../support/call";
import { asGivenKey, type GivenAccount, givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const NEW = { name: "nightly", scopes: ["sims:read", "sims:write"] };

describe("POST /keys", () => {
  it("makes a key, and shows it this once", async () => {
    const acme = await givenAccount();
    const limits = { expires_at: inSeconds(3600), allowed_ips: ["192.0.2.0/24", "2001:db8::/32"] };
    const made = await acme.call("POST", "/keys", { ...NEW, ...limits });
    const { id, key, created_at } = made.json;
    expect(made).toAnswer(200, {
      id,
      name: "nightly",
      key,
      created_at,
      scopes: NEW.scopes,
      ...limits,
      tags: null,
    });
    const listed = await acme.call("GET", "/keys");
    expect(listed.text).not.toContain(key);
    const { key: _, ...shown } = made.json;
    expect(listed.json).toContainEqual({ ...shown, last_used_at: null });
    const headers = { "cf-connecting-ip": "192.0.2.9" };
    expect((await call("GET", "/", undefined, { key, headers })).status).toBe(200);
    expect(await call("GET", "/usage", undefined, { key, headers })).toAnswer(403, "scope_missing");
  });

  it("refuses what is of no form", async () => {
    const acme = await givenAccount();
    const refuse = (field: string, code: Parameters<typeof notRefused>[1], values: unknown[]) =>
      notRefused(values, code, (value) => acme.call("POST", "/keys", { ...NEW, [field]: value }));
    const scopes = [undefined, null, [], "*", ["sims"], ["sims:read", "sims:read"], [1], {}];
    expect(await refuse("scopes", "scopes_invalid", scopes)).toEqual([]);
    const times = ["", "soon", 5, "2026-02-30T00:00:00Z", "2020-01-01T00:00:00Z", []];
    expect(await refuse("expires_at", "expires_at_invalid", times)).toEqual([]);
    const ranges = [null, "192.0.2.0/24", ["192.0.2.1"], ["x"], [1], Array(101).fill("::/0")];
    expect(await refuse("allowed_ips", "allowed_ips_invalid", ranges)).toEqual([]);
    expect(await refuse("name", "name_invalid", [undefined, "", "\n", 1])).toEqual([]);
    expect(await acme.call("POST", "/keys", { ...NEW, scope: "*" })).toAnswer(400, "field_unknown");
    expect(await storedIn("api_keys")).toHaveLength(1);
  });

  it("gives no more than the key has that asks", async () => {
    const acme = await givenAccount();
    const limits = {
      scopes: ["keys:write", "sims:read"],
      expires_at: inSeconds(3600),
      allowed_ips: ["192.0.2.0/24"],
    };
    const narrow = await acme.givenKey(limits);
    const headers = { "cf-connecting-ip": "192.0.2.1" };
    const ask = (change: object) =>
      narrow.call("POST", "/keys", { name: "x", ...limits, ...change }, { headers });
    for (const wider of [
      { scopes: ["*"] },
      { scopes: ["sims:read", "sims:write"] },
      { expires_at: null },
      { expires_at: inSeconds(7200) },
      { allowed_ips: [] },
      { allowed_ips: ["192.0.0.0/16"] },
      { allowed_ips: ["192.0.2.0/25", "2001:db8::/32"] },
    ])
      expect(await ask(wider)).toAnswer(403, "grant_forbidden");
    expect((await ask({ allowed_ips: ["192.0.2.128/25"], scopes: ["sims:read"] })).status).toBe(
      200,
    );
    expect(await storedIn("api_keys")).toHaveLength(3);
  });

  it("goes by what the key may do now, whatever is remembered of it", async () => {
    const acme = await givenAccount();
    const other = await acme.givenKey({});
    await other.call("GET", "/");
    await env.DB.prepare("UPDATE api_keys SET scopes = ? WHERE id = ?")
      .bind('["keys:write"]', other.id)
      .run();
    expect(await other.call("POST", "/keys", NEW)).toAnswer(403, "grant_forbidden");
    await env.DB.prepare("UPDATE api_keys SET revoked_at = 1 WHERE id = ?").bind(other.id).run();
    expect(await other.call("POST", "/keys", { name: "x", scopes: ["keys:write"] })).toAnswer(
      401,
      "unauthorized",
    );
  });

  it("changes no key by one that has lost the scope for it, though that is not known here yet", async () => {
    const acme = await givenAccount();
    const [other, target] = [await acme.givenKey({}), await acme.givenKey({})];
    await other.call("GET", "/");
    await env.DB.prepare("UPDATE api_keys SET scopes = ? WHERE id = ?")
      .bind('["sims:read","usage:read"]', other.id)
      .run();
    const made = { name: "x", scopes: ["sims:read"] };
    for (const answer of [
      await other.call("POST", "/keys", made),
      await other.call("PATCH", `/keys/${target.id}`, { name: "x" }),
      await other.call("DELETE", `/keys/${target.id}`),
      await other.call("POST", `/keys/${target.id}/rotate`),
    ])
      expect(answer).toAnswer(403, "scope_missing");
  });

  it("makes a hundred at most", async () => {
    const acme = await givenAccount();
    const many = Array.from({ length: 110 }, () => acme.call("POST", "/keys", NEW));
    const statuses = (await Promise.all(many)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(99);
    expect(await acme.call("POST", "/keys", NEW)).toAnswer(409, "key_limit_reached");
  });
});

describe("PATCH /keys/{id}", () => {
  it("changes a key, at once where it is asked", async () => {
    const acme = await givenAccount();
    const other = await acme.givenKey({});
    await other.call("GET", "/");
    const change = { name: "reader", scopes: ["sims:read"] };
    const changed = await acme.call("PATCH", `/keys/${other.id}`, change);
    expect(changed.json).toMatchObject({ id: other.id, ...change, allowed_ips: [] });
    expect(await other.call("GET", "/usage")).toAnswer(403, "scope_missing");
    forgetAll();
    expect(await other.call("GET", "/usage")).toAnswer(403, "scope_missing");
    const ranges = { allowed_ips: ["192.0.2.0/24"] };
    expect((await acme.call("PATCH", `/keys/${other.id}`, ranges)).status).toBe(200);
    expect(await other.call("GET", "/")).toAnswer(403, "address_forbidden");
    const past = { expires_at: "2026-01-01T00:00:00Z" };
    expect((await acme.call("PATCH", `/keys/${other.id}`, past)).status).toBe(200);
    expect(await other.call("GET", "/")).toAnswer(401, "unauthorized");
  });

  it("lets a key narrow one that may do more, and not widen it", async () => {
    const acme = await givenAccount();
    const keeper = await acme.givenKey({ scopes: ["keys:write"] });
    const strong = await acme.givenKey({ expires_at: inSeconds(600) });
    const change = (patch: object) => keeper.call("PATCH", `/keys/${strong.id}`, patch);
    expect(await change({ expires_at: null })).toAnswer(403, "grant_forbidden");
    expect(await change({ expires_at: inSeconds(900) })).toAnswer(403, "grant_forbidden");
    expect((await change({ name: "x" })).status).toBe(200);
    expect((await change({ scopes: ["sims:read", "usage:read"] })).status).toBe(200);
    expect(await change({ scopes: ["*"] })).toAnswer(403, "grant_forbidden");
    expect((await change({ expires_at: inSeconds(-1) })).status).toBe(200);
    expect(await change({ expires_at: inSeconds(10) })).toAnswer(403, "grant_forbidden");
  });

  it("does not make a key valid again that has ended, by a rotation either", async () => {
    const acme = await givenAccount();
    const { id } = await acme.givenKey({});
    const rotated = await acme.call("POST", `/keys/${id}/rotate`, { overlap_seconds: 60 });
    const extend = (expires_at: string | null) => acme.call("PATCH", `/keys/${id}`, { expires_at });
    expect((await extend(inSeconds(120))).status).toBe(200);
    expect((await extend(inSeconds(-1))).status).toBe(200);
    for (const later of [null, inSeconds(60)])
      expect(await extend(later)).toAnswer(409, "key_expired");
    expect((await acme.call("PATCH", `/keys/${id}`, { name: "leaked" })).status).toBe(200);
    expect(rotated.status).toBe(200);
  });

  it("knows no key that is revoked, or another account's", async () => {
    const [acme, globex] = [await givenAccount(), await givenAccount()];
    const other = await acme.givenKey({});
    await acme.call("DELETE", `/keys/${other.id}`);
    for (const id of [other.id, globex.keyId, "nobody"]) {
      const answers = [
        await acme.call("PATCH", `/keys/${id}`, { name: "x" }),
        await acme.call("POST", `/keys/${id}/rotate`),
      ];
      for (const answer of answers) expect(answer).toAnswer(404, "key_not_found");
    }
  });
});

describe("DELETE /keys/{id}", () => {
  it("revokes a key at once, and again for those that were not told", async () => {
    const acme = await givenAccount();
    const other = await acme.givenKey({});
    await other.call("GET", "/");
    for (const _ of [1, 2]) {
      expect(await acme.call("DELETE", `/keys/${other.id}`)).toAnswer(200, { message: "OK" });
      expect(await env.API_KEYS.get(await hashKey(other.key))).toBe("null");
    }
    expect(await other.call("GET", "/")).toAnswer(401, "unauthorized");
    expect((await acme.call("GET", "/keys")).text).not.toContain(other.id);
  });
});

describe("the last key that may change keys", () => {
  it("stays, whatever a key asks", async () => {
    const acme = await givenAccount();
    await acme.givenKey({ scopes: ["sims:read"] });
    await acme.givenKey({ scopes: ["*"], expires_at: inSeconds(0.1) });
    await scheduler.wait(110);
    const path = `/keys/${acme.keyId}`;
    expect(await acme.call("DELETE", path)).toAnswer(409, "last_key");
    for (const patch of [{ scopes: ["sims:read"] }, { expires_at: inSeconds(-1) }])
      expect(await acme.call("PATCH", path, patch)).toAnswer(409, "last_key");
    expect((await acme.call("PATCH", path, { scopes: ["keys:write"] })).status).toBe(200);
    expect(await callAsOperator("DELETE", `/operator/keys/${acme.keyId}`)).toAnswer(200, {
      message: "OK",
    });
  });

  it("is one of two that delete each other at once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const acme = await givenAccount();
      const other = await acme.givenKey({ scopes: ["keys:write"] });
      const answers = await Promise.all([
        acme.call("DELETE", `/keys/${other.id}`),
        other.call("DELETE", `/keys/${acme.keyId}`),
      ]);
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses[0]).toBe(200);
      expect([401, 409]).toContain(statuses[1]);
      const rows = await storedIn("api_keys");
      const left = rows.filter((row) => row.account_id === acme.id && row.revoked_at === null);
      expect(left).toHaveLength(1);
    }
  });

  it("is one of many that give up their scope at once", async () => {
    const acme = await givenAccount();
    const others = await Promise.all(Array.from({ length: 9 }, () => acme.givenKey({})));
    const all = [asGivenKey({ id: acme.keyId, key: acme.key }), ...others];
    const answers = await Promise.all(
      all.map((one) => one.call("PATCH", `/keys/${one.id}`, { scopes: ["sims:read"] })),
    );
    const codes = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(codes).toEqual([...Array(9).fill(200), 409]);
    const able = (await storedIn("api_keys")).filter((row) => row.scopes === '["*"]');
    expect(able).toHaveLength(1);
  });
});

describe("POST /keys/{id}/rotate", () => {
  it("makes a key of the same limits, and lets the old one live on for the overlap", async () => {
    const acme = await givenAccount();
    const limits = { scopes: ["sims:read"], allowed_ips: ["2001:db8::/32"] };
    const old = await acme.givenKey(limits);
    const before = Date.now();
    const { status, json } = await acme.call("POST", `/keys/${old.id}/rotate`, {
      overlap_seconds: 60,
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: "given", ...limits, expires_at: null });
    const until = Date.parse(json.previous.expires_at);
    expect(json.previous.id).toBe(old.id);
    expect(until - before).toBeGreaterThanOrEqual(60_000);
    expect(until - before).toBeLessThan(65_000);
    for (const one of [old, asGivenKey(json)])
      expect((await one.call("GET", "/")).status).toBe(200);
    expect((await acme.call("POST", `/keys/${json.id}/rotate`)).json.previous.expires_at).toBe(
      (await acme.call("GET", "/keys")).json.find(({ id }: { id: string }) => id === json.id)
        .expires_at,
    );
  });

  it("rotates the key that asks, the account's last one too, without an overlap", async () => {
    const acme = await givenAccount();
    const { json } = await acme.call("POST", `/keys/${acme.keyId}/rotate`, { overlap_seconds: 0 });
    expect(await acme.call("GET", "/")).toAnswer(401, "unauthorized");
    const fresh = asGivenKey(json);
    expect((await fresh.call("GET", "/keys")).status).toBe(200);
    expect(await fresh.call("POST", `/keys/${acme.keyId}/rotate`)).toAnswer(409, "key_expired");
  });

  it("never lets a key live longer than it would have", async () => {
    const acme = await givenAccount();
    const expires_at = inSeconds(60);
    const old = await acme.givenKey({ expires_at });
    const { json } = await acme.call("POST", `/keys/${old.id}/rotate`, { overlap_seconds: 3600 });
    expect([json.expires_at, json.previous.expires_at]).toEqual([expires_at, expires_at]);
  });

  it("hands no key out that may do more than the one that asks", async () => {
    const acme = await givenAccount();
    const keeper = await acme.givenKey({ scopes: ["keys:write"] });
    const rotated = await keeper.call("POST", `/keys/${acme.keyId}/rotate`);
    expect(rotated).toAnswer(403, "grant_forbidden");
  });

  it.each([-1, 604_801, 1.5, "60", null])("refuses an overlap of %j", async (overlap_seconds) => {
    const acme = await givenAccount();
    const answer = await acme.call("POST", `/keys/${acme.keyId}/rotate`, { overlap_seconds });
    expect(answer).toAnswer(400, "overlap_seconds_invalid");
  });
});

it("lets the operator make a key with limits", async () => {
  const acme = await givenAccount();
  const limits = { scopes: ["audit:read"], expires_at: inSeconds(60), allowed_ips: ["::/0"] };
  const path = `/operator/accounts/${acme.id}/keys`;
  const made = await callAsOperator("POST", path, { name: "x", ...limits });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject(limits);
  const wrong = { name: "x", scopes: ["everything"] };
  expect(await callAsOperator("POST", path, wrong)).toAnswer(400, "scopes_invalid");
});

describe("how many keys an account has", () => {
  const made = (acme: GivenAccount, change: object) =>
    acme.call("POST", "/keys", { ...NEW, ...change });

  it("counts those that are listed, which one is until a day after it ended", async () => {
    const acme = await givenAccount();
    const insert = (ended: number) =>
      env.DB.prepare(
        `INSERT INTO api_keys (id, account_id, name, hash, created_at, expires_at)
         SELECT ?1 || value, ?2, 'x', ?1 || value, 1, ?3 FROM json_each(?4)`,
      ).bind(`${ended}-`, acme.id, Date.now() - ended, JSON.stringify([...Array(99).keys()]));
    await insert(25 * 3_600_000).run();
    expect((await made(acme, {})).status).toBe(200);
    await acme.call("DELETE", `/keys/${(await acme.call("GET", "/keys")).json[1].id}`);
    await insert(23 * 3_600_000).run();
    expect(await made(acme, {})).toAnswer(409, "key_limit_reached");
    expect((await acme.call("GET", "/keys")).json).toHaveLength(100);
  });

  it("makes a thousand a day, and no more, though they are deleted", async () => {
    const acme = await givenAccount();
    await env.DB.prepare(
      `INSERT INTO api_keys (id, account_id, name, hash, created_at, revoked_at)
       SELECT value, ?1, 'x', value, ?2, ?2 FROM json_each(?3)`,
    )
      .bind(acme.id, Date.now(), JSON.stringify([...Array(998).keys()]))
      .run();
    expect((await made(acme, {})).status).toBe(200);
    expect(await made(acme, {})).toAnswer(409, "key_limit_reached");
  });
});

it("shows the key that a rotation made though no cache can be told", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const log = vi.spyOn(console, "error").mockReturnValue();
  const kv = new Proxy(env.API_KEYS, {
    get: (target, name) =>
      name === "put"
        ? () => Promise.reject(new Error("429"))
        : Reflect.get(target, name).bind(target),
  });
  const rotated = await acme.call("POST", `/keys/${acme.keyId}/rotate`, undefined, {
    env: { API_KEYS: kv },
  });
  expect(rotated.status).toBe(200);
  expect((await asGivenKey(rotated.json).call("GET", "/")).status).toBe(200);
  expect(log.mock.calls.join()).toContain("caches not told");
});

it("does not lock an account's last key out of its own address", async () => {
  const acme = await givenAccount();
  const patch = (ranges: string[]) =>
    acme.call("PATCH", `/keys/${acme.keyId}`, { allowed_ips: ranges });
  expect(await patch(["10.0.0.0/8"])).toAnswer(409, "last_key");
  expect((await patch(["10.0.0.0/8", "2001:db8::/32"])).status).toBe(200);
});
