import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { countKept } from "../../src/idempotency/room";
import { type GivenAccount, givenAccount } from "../support/given-account";
import { storedIn } from "../support/stored";

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
  countKept(acme.id, 32_000_000 - 1);
  expect((await bulk(acme, "a")).status).toBe(200);
  expect(await bulk(acme, "a")).toAnswer(409, NOT_KEPT);
  const one = await acme.call("POST", "/webhooks", WEBHOOK, once("b"));
  const two = await acme.call("POST", "/webhooks", WEBHOOK, once("b"));
  expect(two.text).toBe(one.text);
  await bulk(globex, "a");
  expect((await bulk(globex, "a")).headers.get("idempotency-replayed")).toBe("true");
});

it("counts what an account leaves by the hour", () => {
  const at = Date.parse("2030-03-10T12:59:59.999Z");
  expect(countKept("an account", 32_000_000, at)).toBe(true);
  expect(countKept("an account", 3_000, at)).toBe(false);
  expect(countKept("an account", 2_000, at)).toBe(true);
  expect(countKept("another", 3_000, at)).toBe(true);
  expect(countKept("an account", 3_000, at + 1)).toBe(true);
});
