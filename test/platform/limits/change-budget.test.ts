import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/platform/limits";
import { type GivenAccount, givenAccount } from "../../support/given-account";

const SIMS = 1000;
const TAGS = 200;
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

const simId = (n: number) => String(n).padStart(9, "0");
const tagId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** An account with so many SIMs and tags, made without the API. */
async function givenFleet(): Promise<GivenAccount> {
  const acme = await givenAccount();
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)`;
  await env.DB.batch([
    env.DB.prepare(
      `${numbers} INSERT INTO tags SELECT printf('00000000-0000-4000-8000-%012d', n), ?1, 'tag ' || n, NULL, 0 FROM numbers`,
    ).bind(acme.id, TAGS),
    env.DB.prepare(
      `${numbers} INSERT INTO sims (id, account_id, active, created_at) SELECT printf('%09d', n), ?1, 1, 0 FROM numbers`,
    ).bind(acme.id, SIMS),
  ]);
  return acme;
}

/** Gives each SIM the hundred tags from one on: some 4 KB a SIM before and after. */
function retag(acme: GivenAccount, first: number) {
  const tags = Array.from({ length: 100 }, (_, n) => tagId(first + n));
  const changes = Array.from({ length: 60 }, (_, n) => ({ id: simId(n + 1), tags }));
  return acme.call("PATCH", "/sims/bulk", changes);
}

it("refuses a change beyond the hour's budget of the audit log, whole, until the next hour", async () => {
  const at = Math.floor(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS / 2;
  vi.useFakeTimers({ toFake: ["Date"], now: at });
  const acme = await givenFleet();
  const other = await givenAccount();
  let made = 0;
  let answer = await retag(acme, 1);
  while (answer.status === 200 && made < 60) {
    made += 1;
    answer = await retag(acme, (made % 2) * 100 + 1);
  }
  expect(answer).toAnswer(429, "change_budget_spent");
  expect(answer.headers.get("retry-after")).toBe(String(HOUR_MS / 2 / 1000));
  // Two lists of a hundred ids for each SIM, of 39 bytes each.
  const bytesOfCall = 60 * (2 * 100 * 39 + 250);
  expect(made).toBeGreaterThan(LIMITS.auditBytes.most / bytesOfCall / 1.1);
  expect(made).toBeLessThan((LIMITS.auditBytes.most / bytesOfCall) * 1.1 + 1);

  // Nothing of it was made, and nothing was logged.
  const { sims } = (await acme.call("GET", "/sims?limit=1")).json;
  expect(sims[0].tags[0].id).toBe(tagId(((made - 1) % 2) * 100 + 1));
  const { entries } = (await acme.call("GET", "/audit-log?limit=1")).json;
  expect(entries[0].after.tags[0]).toBe(tagId(((made - 1) % 2) * 100 + 1));

  // Reads go on, and so do others.
  expect((await acme.call("GET", "/sims?limit=1")).status).toBe(200);
  expect((await other.call("POST", "/tags", { name: "north" })).status).toBe(200);

  vi.setSystemTime(at + HOUR_MS);
  expect((await retag(acme, 1)).status).toBe(200);
});

it("counts what the operator does towards no account's budget", async () => {
  const acme = await givenFleet();
  await env.DB.prepare(
    "UPDATE account_use SET audit_hour = ?, audit_bytes = ? WHERE account_id = ?",
  )
    .bind(Math.floor(Date.now() / HOUR_MS), LIMITS.auditBytes.most, acme.id)
    .run();
  const refused = await acme.call("POST", "/tags", { name: "north" });
  expect(refused).toAnswer(429, "change_budget_spent");
  // The operator makes a key and revokes it.
  expect((await acme.givenKey({})).id).toBeTypeOf("string");
  expect((await acme.revokeKey()).status).toBe(200);
});

it("lets an account revoke a key that has spent the budget, and do nothing else", async () => {
  const acme = await givenFleet();
  const leaked = await acme.givenKey({ scopes: ["sims:write"] });
  await env.DB.prepare(
    "UPDATE account_use SET audit_hour = ?, audit_bytes = ? WHERE account_id = ?",
  )
    .bind(Math.floor(Date.now() / HOUR_MS), LIMITS.auditBytes.most, acme.id)
    .run();
  const renamed = await acme.call("PATCH", `/keys/${leaked.id}`, { name: "leaked" });
  expect(renamed).toAnswer(429, "change_budget_spent");
  expect((await acme.call("DELETE", `/keys/${leaked.id}`)).status).toBe(200);
  expect(await leaked.call("POST", "/sim", { id: simId(1) })).toAnswer(401, "unauthorized");
  const { entries } = (await acme.call("GET", "/audit-log?limit=1")).json;
  expect(entries[0]).toMatchObject({ action: "key.revoked", subject: leaked.id });
});

it("remembers no such refusal under an Idempotency-Key", async () => {
  const acme = await givenFleet();
  const setBytes = (bytes: number) =>
    env.DB.prepare("UPDATE account_use SET audit_hour = ?, audit_bytes = ? WHERE account_id = ?")
      .bind(Math.floor(Date.now() / HOUR_MS), bytes, acme.id)
      .run();
  await setBytes(LIMITS.auditBytes.most);
  const once = { headers: { "idempotency-key": "tag-1" } };
  const refused = await acme.call("POST", "/tags", { name: "north" }, once);
  expect(refused).toAnswer(429, "change_budget_spent");
  await setBytes(0);
  expect((await acme.call("POST", "/tags", { name: "north" }, once)).status).toBe(200);
});
