import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ACTIONS } from "../../../src/db/audit-actions";
import { hashKey } from "../../../src/access/api-key";
import { type Logged, logged, loggedBy } from "../../support/audit";
import { callAsOperator } from "../../support/call";
import { givenPipeline, givenQueue, givenReceivers } from "../../support/pipeline";
import { usageOf } from "../../support/events";
import { callAs, declaredRoutes } from "../../support/protected-routes";
import { everythingStored, storedIn } from "../../support/stored";
import { givenWorld, SECRETS, TIME, WRITES, type World } from "./writes";

it("knows every route that is not only read", () => {
  const writing = declaredRoutes().filter((route) => !route.startsWith("GET "));
  expect(Object.keys(WRITES).toSorted()).toEqual(writing.toSorted());
});

/** Calls as the route's caller does, from a known address. */
function send(route: string, { acme }: World, { path, body }: { path: string; body?: unknown }) {
  const [method = ""] = route.split(" ");
  const isOperators = route.includes(" /operator/");
  const queue = givenQueue();
  const options = {
    headers: { "cf-connecting-ip": "192.0.2.7" },
    env: { EVENTS: queue, DELIVERIES: queue, REPLAYS: queue },
  };
  const call = callAs(isOperators ? "operator" : "customer", acme);
  return { isOperators, answer: call(method, path, body, options) };
}

const ROUTES = Object.entries(WRITES);

it.each(ROUTES)("%s leaves an entry for what it changed", async (route, write) => {
  givenReceivers();
  const world = await givenWorld();
  const { done, entries: expected } = write(world);
  const { result: call, entries } = await loggedBy(async () => {
    const { isOperators, answer } = send(route, world, done);
    return { isOperators, answer: await answer };
  });
  const { isOperators, answer } = call;
  // There is no unmatched event to find, and no replay.
  expect(answer.status < 300).toBe(!/unmatched\/:id|DELETE .*replay/.test(route));
  const rest = {
    actor: isOperators ? "operator" : "key",
    key: isOperators ? null : world.acme.keyId,
    address: "192.0.2.7",
    request: answer.headers.get("x-request-id"),
  };
  const account = route === "POST /operator/accounts" ? answer.json.id : world.acme.id;
  expect(entries.map(atNoTime)).toEqual(
    expected(answer).map((one) => ({ account, sim: null, ...rest, ...one })),
  );
  for (const { action } of entries) expect(ACTIONS).toContain(action);
  expect(await storedIn("audit_context")).toEqual([]);
});

const REFUSED = ROUTES.filter(([route]) => !/replay|test$|operator\/events/.test(route));

/** Calls that are answered 200: one that repeats what is there, and two that name what they refuse one by one. */
const ANSWERED = new Set(["PUT /connector", "PATCH /sims/bulk", "PUT /operator/sims"]);
const isRefusal = (status: number) => status >= 400 && status < 500;

it.each(REFUSED)("%s leaves none when it is refused, or changes nothing", async (route, write) => {
  const world = await givenWorld();
  const { refused } = write(world);
  if (!refused) throw new Error("given: what is refused?");
  const before = await everythingStored();
  const { status } = await send(route, world, refused).answer;
  expect(isRefusal(status), `${status}`).toBe(!ANSWERED.has(route));
  expect(await everythingStored()).toEqual(before);
});

it("holds no secret, sealed or not, and no key or its hash", async () => {
  givenReceivers();
  const keys: string[] = [];
  for (const [route, write] of ROUTES) {
    const world = await givenWorld();
    keys.push(world.acme.key, world.signing);
    const { json } = await send(route, world, write(world).done).answer;
    keys.push(...[json?.key, json?.secret].filter(Boolean));
  }
  const stored = await everythingStored();
  const sealed = JSON.stringify([stored["webhooks"], stored["connectors"]]).match(
    /[A-Za-z0-9+/_-]{32,}={0,2}/g,
  );
  const hashes = await Promise.all(keys.map(hashKey));
  const kept = JSON.stringify(stored["audit_log"]);
  const secret = [...Object.values(SECRETS), ...keys, ...hashes, ...(sealed ?? [])];
  const ids = new Set(stored["audit_log"]?.map(({ subject }) => subject));
  expect(secret.length).toBeGreaterThan(200);
  expect(secret.filter((one) => kept.includes(one) && !ids.has(one) && !isUuid(one))).toEqual([]);
}, 60_000);

it("says that the system switched a webhook off, and that its owner switched it on again", async () => {
  const world = await givenWorld();
  const { acme, webhook, sim } = world;
  await acme.call("PATCH", `/webhooks/${webhook}`, { retry: "standard" });
  givenReceivers(() => new Response(null, { status: 410 }));
  const pipeline = givenPipeline();
  const off = await loggedBy(async () => {
    await pipeline.report(usageOf(sim), usageOf(sim));
    await pipeline.storeAll();
    await pipeline.deliverAll();
  });
  const on = { active: true, disabled_at: null, disabled_reason: null };
  const gone = { active: false, disabled_at: TIME, disabled_reason: "gone" };
  const rest = { account: acme.id, subject: webhook, sim: null };
  expect(off.entries.map(atNoTime)).toEqual([
    {
      ...rest,
      actor: "system",
      key: null,
      address: null,
      request: null,
      action: "webhook.disabled",
      before: on,
      after: gone,
    },
  ]);
  expect(await storedIn("audit_context")).toEqual([]);
  const again = await loggedBy(() => acme.call("PATCH", `/webhooks/${webhook}`, { active: true }));
  expect(again.entries.map(atNoTime)).toMatchObject([
    { ...rest, actor: "key", action: "webhook.changed", before: gone, after: on },
  ]);
});

it("tells both accounts of a card that goes from one to the other, and neither of the other", async () => {
  const [acme, globex] = [(await givenWorld()).acme, (await givenWorld()).acme];
  const card = { id: "999999999", imsi: "238010000000001" };
  const issue = (account_id: string) =>
    loggedBy(() => callAsOperator("PUT", "/operator/sims", { sims: [{ ...card, account_id }] }));
  await issue(acme.id);
  expect((await issue(acme.id)).entries).toEqual([]);
  const { entries } = await issue(globex.id);
  const numbers = { iccid: null, imsi: card.imsi, msisdn: null, ipv4: null, eid: null };
  expect(entries.toSorted((a, b) => b.action.localeCompare(a.action))).toMatchObject([
    { account: acme.id, action: "card.withdrawn", sim: card.id, before: numbers, after: null },
    { account: globex.id, action: "card.issued", sim: card.id, before: null, after: numbers },
  ]);
});

it("writes an entry for each SIM of a bulk change, one after the other", async () => {
  const { acme } = await givenWorld();
  const ids = [await acme.givenSim(), await acme.givenSim(), await acme.givenSim()];
  const body = ids.map((id) => ({ id, activated: false }));
  const { entries } = await loggedBy(() => acme.call("PATCH", "/sims/bulk", body));
  expect(entries.map(({ subject }) => subject).toSorted()).toEqual(ids);
  const [first = 0, ...rest] = entries.map(({ seq }) => seq);
  expect(rest).toEqual([first + 1, first + 2]);
  expect(new Set(entries.map(({ request }) => request)).size).toBe(1);
});

it("writes none for a change to what was there already, nor for a dry run", async () => {
  const { acme, sim } = await givenWorld();
  const { entries } = await loggedBy(async () => {
    await acme.call("PATCH", "/sims/bulk", [{ id: sim, activated: true }]);
    await acme.call("PATCH", "/sims/bulk?dry_run=true", [{ id: sim, activated: false }]);
    await acme.call("PATCH", "/sims/bulk?atomic=true", [{ id: sim, activated: false }, {}]);
  });
  expect(entries).toEqual([]);
});

it("goes on behind the last entry when a clock is behind", async () => {
  const { acme, sim } = await givenWorld();
  await env.DB.exec("DELETE FROM audit_log");
  const late = (Date.now() + 60_000) * 1000;
  await env.DB.prepare(
    "INSERT INTO audit_log (account_id, seq, actor, action, subject) VALUES (?, ?, 'key', 'sim.changed', 'x')",
  )
    .bind(acme.id, late)
    .run();
  await acme.call("PATCH", `/sims/${sim}`, { activated: false });
  expect((await logged()).map(({ seq }) => seq)).toEqual([late, late + 1]);
});

it("writes none for what events say of a SIM", async () => {
  const { sim } = await givenWorld();
  givenReceivers();
  const pipeline = givenPipeline();
  const registration = {
    type: "network-registration",
    time: "2026-03-01 00:00:00",
    sim_id: sim,
    imei: "1234567890987654",
    country_code: "dk",
  };
  const { entries } = await loggedBy(async () => {
    await pipeline.report(registration, usageOf(sim));
    await pipeline.storeAll();
    await pipeline.deliverAll();
  });
  expect(entries).toEqual([]);
  expect((await storedIn("sims"))[0]).toMatchObject({
    imei: "1234567890987654",
    country_code: "dk",
  });
});

/** Without `seq`, and with each time of our days replaced. */
function atNoTime(entry: Logged): unknown {
  const text = JSON.stringify({ ...entry, seq: undefined });
  return JSON.parse(text.replaceAll(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, TIME));
}

function isUuid(text: string): boolean {
  return /^[-0-9a-f]{36}$/.test(text);
}
