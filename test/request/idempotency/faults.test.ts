import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openPrimary } from "../../../src/db/client";
import { type Asked, claim, giveUp, keep } from "../../../src/request/idempotency/claims";
import worker from "../../../src/index";
import { givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";
import { throughD1 } from "../../support/through-d1";

const once = { headers: { "idempotency-key": "a" } };
const NOT_KEPT = "idempotency_answer_not_kept";

/** What claimed a key has had its time by now. */
async function leaseEnds(): Promise<void> {
  await env.DB.prepare("UPDATE idempotency_keys SET lease = ?").bind(Date.now()).run();
}

it("goes on to the end when the caller hangs up", async () => {
  const acme = await givenAccount();
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const DB = throughD1(async ({ statements, text }, run) => {
    if (text.includes("INSERT INTO sims")) {
      asked.resolve();
      await go.promise;
    }
    return run(statements);
  });
  const context = createExecutionContext();
  const headers = { authorization: acme.key, "idempotency-key": "a" };
  const init = { method: "POST", headers, body: '{"id":"000000001"}' };
  const request = new Request<unknown, IncomingRequestCfProperties>("https://a.example/sim", init);
  // Nobody waits for the answer: what the runtime still waits for is what the context was given.
  const unread = worker.fetch(request, { ...env, DB }, context);
  await asked.promise;
  const ended = waitOnExecutionContext(context);
  go.resolve();
  await ended;
  expect(await storedIn("idempotency_keys")).toMatchObject([
    { key: `${acme.keyId} a`, status: 200 },
  ]);
  await unread;
});

/** D1 that refuses each batch with one of these texts. */
function refusing(...texts: string[]): D1Database {
  return throughD1(async ({ statements, text }, run) => {
    if (texts.some((one) => text.includes(one))) throw new Error("D1_ERROR: the test says no");
    return run(statements);
  });
}

/** D1 that does what it is asked of `table`, and whose answer to that is lost. */
function losing(table: string): D1Database {
  return throughD1(async ({ statements, text }, run) => {
    const results = await run(statements);
    if (text.includes(table)) throw new Error("D1_ERROR: the test says no");
    return results;
  });
}

describe("a change whose answer was lost", () => {
  const hook = { url: "https://receiver.acme.com/" };

  it("is not made again when D1's word of it was lost", async () => {
    const acme = await givenAccount();
    const broken = { ...once, env: { DB: losing(`insert into "webhooks"`) } };
    expect(await acme.call("POST", "/webhooks", hook, broken)).toAnswer(500, "internal_error");
    expect(await acme.call("POST", "/webhooks", hook, once)).toAnswer(409, NOT_KEPT);
    expect(await storedIn("webhooks")).toHaveLength(1);
  });

  it("is not made again when the Worker died before it kept the answer", async () => {
    const acme = await givenAccount();
    const died = { ...once, env: { DB: refusing("UPDATE idempotency_keys SET status") } };
    expect((await acme.call("POST", "/webhooks", hook, died)).status).toBe(200);
    const ask = () => acme.call("POST", "/webhooks", hook, once);
    expect(await ask()).toAnswer(409, "idempotency_in_progress");
    await leaseEnds();
    for (const answer of await Promise.all([ask(), ask()])) expect(answer).toAnswer(409, NOT_KEPT);
    expect(await storedIn("webhooks")).toHaveLength(1);
  });

  it("is made again when the one that died had changed nothing", async () => {
    const acme = await givenAccount();
    const died = { ...once, env: { DB: refusing("UPDATE idempotency_keys SET status") } };
    const tag = { name: "Drones" };
    await acme.call("POST", "/tags", tag);
    expect(await acme.call("POST", "/tags", tag, died)).toAnswer(409, "name_conflict");
    await acme.call("POST", "/tags", { name: "Boats" });
    await leaseEnds();
    const again = await acme.call("POST", "/tags", tag, once);
    expect(again).toAnswer(409, "name_conflict");
    expect(again.headers.has("idempotency-replayed")).toBe(false);
  });
});

it("a call that lost its lease does not overwrite the answer of the one that took over", async () => {
  const db = openPrimary(env.DB);
  const asked: Asked = { accountId: "acme", key: "key a", requests: ["hash"], requestId: "first" };
  const keys: [string] = [env.ENCRYPTION_KEY];
  const answer = (body: string) => ({ status: 200, headers: {}, body });
  const now = Date.now();
  const dead = await claim(db, asked, keys, now - 61_000);
  const successor = await claim(db, { ...asked, requestId: "second" }, keys, now);
  if (dead.state !== "ours" || successor.state !== "ours") throw new Error("not claimed");
  await keep(db, asked, successor.lease, answer("the successor's"), keys);
  await keep(db, asked, dead.lease, answer("the dead one's"), keys);
  await giveUp(db, asked, dead.lease, 500);
  const repeated = await claim(db, { ...asked, requestId: "third" }, keys, now);
  expect(repeated).toMatchObject({ state: "answered", answer: { body: "the successor's" } });
});
