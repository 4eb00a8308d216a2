import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { LIMITS } from "../../../src/platform/limits";
import { type GivenAccount, givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";

const once = (key: string) => ({ headers: { "idempotency-key": key } });
const WEBHOOK = { url: "https://receiver.acme.com/" };
const NOT_KEPT = "idempotency_answer_not_kept";

it("keeps what it answered sealed", async () => {
  const acme = await givenAccount();
  const { json: webhook } = await acme.call("POST", "/webhooks", WEBHOOK, once("a"));
  const { json: key } = await acme.call("POST", "/keys", { name: "x", scopes: ["*"] }, once("b"));
  const kept = JSON.stringify(await storedIn("idempotency_keys"));
  for (const secret of [webhook.secret, key.key, "whsec_", "sp_", webhook.id])
    expect(kept).not.toContain(secret);
  await env.DB.prepare(
    `UPDATE idempotency_keys SET body = (SELECT body FROM idempotency_keys WHERE key GLOB '* a') WHERE key GLOB '* b'`,
  ).run();
  const moved = await acme.call("POST", "/keys", { name: "x", scopes: ["*"] }, once("b"));
  expect(moved).toAnswer(500, "internal_error");
});

it("keeps no hash of what was asked that can be guessed without the encryption key", async () => {
  const acme = await givenAccount();
  const hook = { ...WEBHOOK, authorization: "guessable" };
  const hashes = [];
  for (const ENCRYPTION_KEY of [
    env.ENCRYPTION_KEY,
    "HwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
  ]) {
    await acme.call("POST", "/webhooks", hook, { ...once("a"), env: { ENCRYPTION_KEY } });
    hashes.push((await storedIn("idempotency_keys"))[0]?.request);
    await env.DB.exec("DELETE FROM idempotency_keys");
  }
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes[0]).not.toBe(hashes[1]);
});

/** A thousand SIMs whose objects hold so many characters of chance. */
async function givenManySims(acme: GivenAccount, filler: number): Promise<string[]> {
  const ids = Array.from({ length: 1000 }, (_, index) => String(700_000_000 + index));
  const fillers = ids.map(() => {
    const codes = crypto.getRandomValues(new Uint16Array(filler));
    // Three bytes each in UTF-8.
    return String.fromCharCode(...codes.map((code) => 0x4e00 + (code % 0x5000)));
  });
  await env.DB.prepare(
    `INSERT INTO sims (id, account_id, active, created_at, network)
     SELECT value, ?2, 1, 0, json_object('name', ?3 ->> key) FROM json_each(?1)`,
  )
    .bind(JSON.stringify(ids), acme.id, JSON.stringify(fillers))
    .run();
  return ids;
}

async function keptBytes(): Promise<number> {
  const query = "SELECT sum(octet_length(body)) AS bytes FROM idempotency_keys";
  return (await env.DB.prepare(query).first<number>("bytes")) ?? 0;
}

it("keeps the answer to a bulk change in a small part of its size, and gives it again as it was", async () => {
  const acme = await givenAccount();
  const ids = await givenManySims(acme, 0);
  const changes = ids.map((id) => ({ id, label: `label of ${id}` }));
  const first = await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  expect(first.text.length).toBeGreaterThan(500_000);
  expect(await keptBytes()).toBeLessThan(first.text.length / 15);
  const again = await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(again.text).toBe(first.text);
});

it("does what has too large an answer once too, and says so", async () => {
  const acme = await givenAccount();
  const changes = (await givenManySims(acme, 600)).map((id) => ({ id, activated: false }));
  const first = await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  expect(first.status).toBe(200);
  expect(await acme.call("PATCH", "/sims/bulk", changes, once("a"))).toAnswer(409, NOT_KEPT);
  expect(await keptBytes()).toBe(0);
});

it("keeps only small answers of an account that has left too many bytes in the hour", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const changes = (await givenManySims(acme, 0)).map((id) => ({ id, activated: false }));
  const bulk = (account: GivenAccount, key: string) =>
    account.call("PATCH", "/sims/bulk", changes, once(key));
  await givenUsed(acme, { bytes: LIMITS.idempotencyBytes.most - 1 });
  expect((await bulk(acme, "a")).status).toBe(200);
  expect(await bulk(acme, "a")).toAnswer(409, NOT_KEPT);
  const one = await acme.call("POST", "/webhooks", WEBHOOK, once("b"));
  const two = await acme.call("POST", "/webhooks", WEBHOOK, once("b"));
  expect(two.text).toBe(one.text);
  await bulk(globex, "a");
  expect((await bulk(globex, "a")).headers.get("idempotency-replayed")).toBe("true");
});

it("keeps answers again in the next hour", async () => {
  const acme = await givenAccount();
  const changes = (await givenManySims(acme, 0)).map((id) => ({ id, activated: false }));
  await givenUsed(acme, { bytes: LIMITS.idempotencyBytes.most, hour: HOUR - 1 });
  await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  const again = await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  // What it took counts in this hour.
  const [use] = await storedIn("account_use");
  expect(use).toMatchObject({ idempotency_hour: HOUR, idempotency_keys: 1 });
  expect(use?.["idempotency_bytes"]).toBeGreaterThan(2000);
  expect(use?.["idempotency_bytes"]).toBeLessThan(100_000);
});

it("takes so many keys of an account in an hour, and no more", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await givenUsed(acme, { keys: LIMITS.idempotencyKeys.most - 1 });
  const one = await acme.call("POST", "/tags", { name: "one" }, once("a"));
  expect(one.status).toBe(200);
  const refused = await acme.call("POST", "/tags", { name: "two" }, once("b"));
  expect(refused).toAnswer(429, "idempotency_budget_spent");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  // The call was not made; without the header it is, and what is kept is answered again.
  expect((await acme.call("POST", "/tags", { name: "two" })).status).toBe(200);
  expect((await acme.call("POST", "/tags", { name: "one" }, once("a"))).text).toBe(one.text);
  expect((await globex.call("POST", "/tags", { name: "two" }, once("b"))).status).toBe(200);
  // An answer that was kept for its day is not given again, though no room is left to make the call anew.
  await env.DB.exec("UPDATE idempotency_keys SET created_at = created_at - 86400000");
  const expired = await acme.call("POST", "/tags", { name: "one" }, once("a"));
  expect(expired).toAnswer(429, "idempotency_budget_spent");
});

const HOUR = Math.floor(Date.now() / 3_600_000);

/** What the account has used of an hour's budgets. */
async function givenUsed(account: GivenAccount, { keys = 0, bytes = 0, hour = HOUR }) {
  await env.DB.prepare(
    `INSERT INTO account_use (account_id, idempotency_hour, idempotency_keys, idempotency_bytes) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (account_id) DO UPDATE SET idempotency_hour = ?2, idempotency_keys = ?3, idempotency_bytes = ?4`,
  )
    .bind(account.id, hour, keys, bytes)
    .run();
}
