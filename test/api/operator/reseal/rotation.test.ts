import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { expect, it, vi } from "vitest";
import type { Env } from "../../../../src/platform/env";
import { open } from "../../../../src/platform/crypto";
import { logged } from "../../../support/audit";
import { callAsOperator, type CallOptions } from "../../../support/call";
import { usageOf } from "../../../support/events";
import { type GivenAccount, givenAccount } from "../../../support/given-account";
import { givenLog } from "../../../support/log";
import { givenPipeline, givenReceivers } from "../../../support/pipeline";
import { everythingStored, storedIn } from "../../../support/stored";

const [OLD, NEW] = [env.ENCRYPTION_KEY, "HwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="];
const [OPERATOR, NEW_OPERATOR] = [env.OPERATOR_KEY, "the operator's next key, in tests only"];

type Secrets = Partial<Env>;
const BEFORE: Secrets = { ENCRYPTION_KEY: OLD };
const BOTH: Secrets = { ENCRYPTION_KEY: OLD, ENCRYPTION_KEY_SECOND: NEW };
const SWAPPED: Secrets = { ENCRYPTION_KEY: NEW, ENCRYPTION_KEY_SECOND: OLD };
const AFTER: Secrets = { ENCRYPTION_KEY: NEW };

const reseal = (body: object = {}, options: CallOptions = { env: SWAPPED }) =>
  callAsOperator("POST", "/operator/reseal", body, options);

/** A webhook and a connector of the account, with a secret of that name, made by a Worker that has these keys. */
async function made(acme: GivenAccount, name: string, secrets: Secrets) {
  const options = { env: secrets };
  const authorization = `Bearer ${name}`;
  const url = `https://${name}.example.com/`;
  const hook = await acme.call("POST", "/webhooks", { url, authorization }, options);
  const connector = { id: name, type: "https", options: { url, authorization } };
  expect(await acme.call("POST", "/connector", connector, options)).toAnswer(200);
  return { name, authorization, id: String(hook.json.id), secret: String(hook.json.secret) };
}
type Made = Awaited<ReturnType<typeof made>>;

/** Delivers an event by a Worker that has these keys; answers the names of those whose receivers can verify it. */
async function reached(sim: string, all: Made[], secrets: Secrets): Promise<string[]> {
  const pipeline = givenPipeline(secrets);
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  const received = givenReceivers();
  await pipeline.deliverAll();
  return all
    .filter(({ name, authorization, secret }) => {
      const own = received.find(({ url }) => url === `https://${name}.example.com/`);
      if (own?.headers.get("authorization") !== authorization) return false;
      try {
        new Webhook(secret).verify(own.body, Object.fromEntries(own.headers));
        return true;
      } catch {
        return false;
      }
    })
    .map(({ name }) => name);
}

/** What the connectors' secrets open to with a Worker's keys. */
async function openedConnectors(acme: GivenAccount, secrets: Secrets): Promise<string[]> {
  const { ENCRYPTION_KEY = "", ENCRYPTION_KEY_SECOND } = secrets;
  const keys = [ENCRYPTION_KEY, ...(ENCRYPTION_KEY_SECOND ? [ENCRYPTION_KEY_SECOND] : [])] as const;
  const rows = await storedIn("connectors");
  return Promise.all(
    rows.map(async ({ id, secrets: text }) => {
      const { authorization } = JSON.parse(String(text));
      return open(keys, `connectors/${acme.id}/${String(id)}/authorization`, authorization.sealed);
    }),
  );
}

it("changes the encryption key without a moment in which a customer's secret does not open", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const all: Made[] = [];
  let running: Secrets[] = [BEFORE];
  const steps: [string, Secrets][] = [
    ["before", BEFORE],
    ["both", BOTH],
    ["swapped", SWAPPED],
  ];
  for (const [name, secrets] of steps) {
    // While a step is deployed, Workers of the one before run beside it.
    running = [...running.slice(-1), secrets];
    for (const [index, worker] of running.entries())
      all.push(await made(acme, `${name}-${index}`, worker));
    const names = all.map((one) => one.name);
    for (const worker of running) {
      expect(await reached(sim, all, worker)).toEqual(names);
      const opened = (await openedConnectors(acme, worker)).toSorted();
      expect(opened).toEqual(all.map(({ authorization }) => authorization).toSorted());
    }
  }
  // What is left of 6 webhooks and 6 connectors: those that the last step's Worker made are sealed with the new key.
  expect((await reseal({ limit: 4 })).json).toMatchObject({ resealed: 4, unreadable: 0, left: 6 });
  expect((await reseal({ limit: 4 })).json).toMatchObject({ resealed: 4, left: 2 });
  const names = all.map((one) => one.name);
  for (const worker of [BOTH, SWAPPED]) expect(await reached(sim, all, worker)).toEqual(names);
  const end = { resealed: 2, unreadable: 0, left: 0, pagination: { has_more: false } };
  expect(await reseal({ limit: 4 })).toAnswer(200, end);
  expect(await reseal()).toAnswer(200, { ...end, resealed: 0 });

  for (const worker of [SWAPPED, AFTER]) expect(await reached(sim, all, worker)).toEqual(names);
  expect(await openedConnectors(acme, AFTER)).toHaveLength(all.length);
  await expect(openedConnectors(acme, BEFORE)).rejects.toThrow(/decrypt/i);
  givenLog();
  expect(await reached(sim, all, BEFORE)).toEqual([]);
});

it("seals what signs beside the newest secret too", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const first = await made(acme, "hook", BEFORE);
  const { json } = await acme.call("POST", `/webhooks/${first.id}/rotate-secret`);
  const second = { ...first, secret: String(json.secret) };
  expect((await reseal()).json).toMatchObject({ resealed: 2, left: 0 });
  expect(await reached(sim, [first, second], AFTER)).toEqual(["hook", "hook"]);
  const { json: third } = await acme.call(
    "POST",
    `/webhooks/${first.id}/rotate-secret`,
    {},
    {
      env: AFTER,
    },
  );
  const hooks = [first, second, { ...first, secret: String(third.secret) }];
  expect(await reached(sim, hooks, AFTER)).toEqual(["hook", "hook", "hook"]);
});

it("drops a secret that signs no more, rather than to seal it anew", async () => {
  const acme = await givenAccount();
  const hook = await made(acme, "hook", BEFORE);
  await acme.call("POST", `/webhooks/${hook.id}/rotate-secret`);
  const previous = async () =>
    JSON.parse(String((await storedIn("webhooks"))[0]?.["previous_secrets"]));
  expect(await previous()).toHaveLength(1);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 3_600_000 });
  expect((await reseal()).json).toMatchObject({ left: 0 });
  expect(await previous()).toEqual([]);
});

it("takes what was sealed before keys were told apart", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const hook = await made(acme, "hook", BEFORE);
  await env.DB.exec(
    "UPDATE webhooks SET secret = substr(secret, instr(secret, '.') + 1), authorization = substr(authorization, instr(authorization, '.') + 1)",
  );
  expect(await reached(sim, [hook], BEFORE)).toEqual(["hook"]);
  expect((await reseal()).json).toMatchObject({ resealed: 2, left: 0 });
  expect(await reached(sim, [hook], AFTER)).toEqual(["hook"]);
});

it("loses nothing that a customer changes at the same moment", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const hook = await made(acme, "hook", BEFORE);
  const other = await made(acme, "other", BEFORE);
  const authorization = "Bearer changed";
  const change = { authorization };
  // After it has read what to seal, and before it writes: by a Worker that still has the old key alone.
  let acted = false;
  const act = async () => {
    acted = true;
    expect(await acme.call("PATCH", `/webhooks/${hook.id}`, change)).toAnswer(200);
    expect(await acme.call("PATCH", "/connectors/hook", { options: change })).toAnswer(200);
    expect(await acme.call("DELETE", `/webhooks/${other.id}`)).toAnswer(200);
  };
  const DB = onBatch(async (statements) => {
    if (!acted) await act();
    return env.DB.batch(statements);
  });
  const step = await reseal({}, { env: { ...SWAPPED, DB } });
  expect(step.json).toMatchObject({ resealed: 1, unreadable: 0, left: 2 });
  const changed = { ...hook, authorization };
  expect(await reached(sim, [changed], SWAPPED)).toEqual(["hook"]);
  expect((await reseal()).json).toMatchObject({ resealed: 2, left: 0 });
  expect(await reached(sim, [changed], AFTER)).toEqual(["hook"]);
  expect((await openedConnectors(acme, AFTER)).toSorted()).toEqual([
    authorization,
    other.authorization,
  ]);
});

it("passes over what opens with neither key, and says how much that is", async () => {
  const acme = await givenAccount();
  const lost = "AgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  await made(acme, "a-lost", { ENCRYPTION_KEY: lost });
  await made(acme, "b-kept", BEFORE);
  const before = JSON.stringify(await storedIn("connectors"));
  const log = givenLog();
  const first = await reseal({ limit: 1 });
  expect(first.json).toMatchObject({ resealed: 0, unreadable: 1, left: 4 });
  expect(JSON.stringify(await storedIn("connectors"))).toBe(before);
  expect(log.of("secrets do not open")).toEqual([
    { message: "secrets do not open", account_id: acme.id, place: "connectors" },
  ]);
  const { next_page } = first.json.pagination;
  expect((await reseal({ next_page })).json).toMatchObject({
    resealed: 2,
    unreadable: 1,
    left: 2,
    pagination: { has_more: false },
  });
});

const LOST: Secrets = { ENCRYPTION_KEY: "AgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=" };

/** A connector of three secrets. */
const tls = (id: string, secret = "a secret") => ({
  id,
  type: "tls",
  options: { host: "tls.example.com", port: 8883, ca: secret, cert: secret, key: secret },
});

it("seals what opens of a thing, and passes over the rest of it", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const hook = await made(acme, "hook", BEFORE);
  const lost = { env: LOST };
  await acme.call("PATCH", `/webhooks/${hook.id}`, { authorization: "Bearer lost" }, lost);
  await acme.call("DELETE", "/connectors/hook");
  await acme.call("POST", "/connector", tls("tls"), { env: BEFORE });
  await acme.call("PATCH", "/connectors/tls", { options: { ca: "lost" } }, lost);
  const log = givenLog();
  const entries = (await logged()).length;
  expect((await reseal()).json).toMatchObject({ resealed: 2, unreadable: 2, left: 2 });
  expect(log.of("secrets do not open")).toHaveLength(2);
  expect(await logged()).toHaveLength(entries + 1);
  const [stored] = await storedIn("connectors");
  const keys = [String(AFTER.ENCRYPTION_KEY)] as const;
  const opened = await Promise.allSettled(
    Object.entries<{ sealed: string }>(JSON.parse(String(stored?.["secrets"]))).map(
      ([name, { sealed }]) => open(keys, `connectors/${acme.id}/tls/${name}`, sealed),
    ),
  );
  expect(opened.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  // Nothing more of them opens: they are not written again.
  expect((await reseal()).json).toMatchObject({ resealed: 0, unreadable: 2, left: 2 });
  expect(await logged()).toHaveLength(entries + 1);
  await acme.call("PATCH", `/webhooks/${hook.id}`, { authorization: hook.authorization });
  await acme.call("PATCH", "/connectors/tls", { options: { ca: "found" } });
  expect((await reseal()).json).toMatchObject({ resealed: 2, unreadable: 0, left: 0 });
  expect(await reached(sim, [hook], AFTER)).toEqual(["hook"]);
});

it("tells nothing of what its owner was quicker to change, of one secret of several either", async () => {
  const acme = await givenAccount();
  await acme.call("POST", "/connector", tls("tls"), { env: BEFORE });
  await acme.call("PATCH", "/connectors/tls", { options: { ca: "lost" } }, { env: LOST });
  givenLog();
  const DB = onBatch(async (statements) => {
    await acme.call("PATCH", "/connectors/tls", { options: { key: "other" } }, { env: BEFORE });
    return env.DB.batch(statements);
  });
  const entries = (await logged()).length;
  const step = await reseal({}, { env: { ...SWAPPED, DB } });
  expect(step.json).toMatchObject({ resealed: 0, unreadable: 1, left: 1 });
  const since = (await logged()).slice(entries).map(({ action }) => action);
  expect(since).toEqual(["connector.changed"]);
});

it("takes fewer of large ones at a time", async () => {
  const acme = await givenAccount();
  const large = "x".repeat(16_384);
  for (let n = 10; n < 30; n += 1)
    expect(await acme.call("POST", "/connector", tls(`tls-${n}`, large), { env: BEFORE })).toAnswer(
      200,
    );
  const steps: number[] = [];
  let next_page: string | undefined;
  do {
    const { json } = await reseal({ next_page });
    steps.push(json.resealed);
    ({ next_page } = json.pagination);
  } while (next_page !== undefined);
  expect(steps).toEqual([16, 4]);
  expect((await reseal()).json).toMatchObject({ resealed: 0, left: 0 });
});

it("delivers again after a key is lost, a day after the customer's rotation", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const hook = await made(acme, "hook", LOST);
  const { authorization } = hook;
  await acme.call("PATCH", `/webhooks/${hook.id}`, { authorization });
  const { json } = await acme.call("POST", `/webhooks/${hook.id}/rotate-secret`);
  const rotated = { ...hook, secret: String(json.secret) };
  givenLog();
  expect(await reached(sim, [rotated], BEFORE)).toEqual([]);
  await env.DB.exec(
    "UPDATE webhooks SET previous_secrets = json_set(previous_secrets, '$[0].until', 1)",
  );
  expect(await reached(sim, [rotated], BEFORE)).toEqual(["hook"]);
});

it("is one entry in each account's audit log, and changes nothing else of it", async () => {
  const [acme, beta, idle] = [await givenAccount(), await givenAccount(), await givenAccount()];
  for (const account of [acme, beta])
    for (const name of ["one", "two", "three"]) await made(account, name, BEFORE);
  await made(idle, "new", AFTER);
  const before = await logged();
  const webhooks = (await acme.call("GET", "/webhooks")).json;
  const { headers } = await reseal(
    {},
    { env: SWAPPED, headers: { "cf-connecting-ip": "192.0.2.7" } },
  );
  const entries = (await logged()).slice(before.length);
  const set = { meta: { secrets: "set" } };
  expect(entries.map((entry) => ({ ...entry, seq: 0 }))).toEqual(
    [acme.id, beta.id].toSorted().map((account) => ({
      account,
      seq: 0,
      actor: "operator",
      key: null,
      address: "192.0.2.7",
      request: headers.get("x-request-id"),
      action: "account.resealed",
      subject: account,
      sim: null,
      before: set,
      after: set,
    })),
  );
  expect(await storedIn("audit_context")).toEqual([]);
  expect((await acme.call("GET", "/webhooks")).json).toEqual(webhooks);
  const read = await acme.call("GET", "/audit-log?action=account.resealed");
  expect(read.json.entries).toHaveLength(1);
  await reseal();
  expect((await logged()).length).toBe(before.length + 2);
});

it("seals all of a step and tells of it, or nothing, when D1 fails", async () => {
  const acme = await givenAccount();
  await made(acme, "hook", BEFORE);
  const before = await everythingStored();
  givenLog();
  for (const at of [1, 2, 3, 4, 5]) {
    const DB = onBatch((statements) =>
      env.DB.batch(
        statements.map((one, n) => (n === at ? env.DB.prepare("SELECT json('{')") : one)),
      ),
    );
    expect(await reseal({}, { env: { ...SWAPPED, DB } })).toAnswer(500, "internal_error");
    expect(await everythingStored()).toEqual(before);
  }
});

it("repeats no call that was made under the old key", async () => {
  const acme = await givenAccount();
  const body = { url: "https://receiver.acme.com/", label: "once" };
  const send = (secrets: Secrets) =>
    acme.call("POST", "/webhooks", body, {
      env: secrets,
      headers: { "idempotency-key": "once" },
    });
  const first = await send(BEFORE);
  expect(first.status).toBe(200);
  for (const secrets of [BOTH, SWAPPED, BOTH, BEFORE])
    expect(await send(secrets)).toAnswer(200, first.json);
  expect(await send(AFTER)).toAnswer(409, "idempotency_key_reused");
  expect(await storedIn("webhooks")).toHaveLength(1);
});

it("takes the cursors of before, of a key with tags", async () => {
  const acme = await givenAccount();
  const tag = (await acme.givenTag("north")).id;
  const key = await acme.givenKey({ tags: [tag] });
  for (const id of [await acme.givenSim(), await acme.givenSim()])
    expect(await acme.call("PUT", `/sims/${id}/tags/${tag}`)).toAnswer(200);
  const read = (path: string, secrets: Secrets) =>
    key.call("GET", path, undefined, { env: secrets });
  const { next_page } = (await read("/sims?limit=1", BEFORE)).json.pagination;
  for (const secrets of [BEFORE, BOTH, SWAPPED])
    expect((await read(`/sims?next_page=${next_page}`, secrets)).json.sims).toHaveLength(1);
  expect(await read(`/sims?next_page=${next_page}`, AFTER)).toAnswer(400, "next_page_invalid");
});

it("takes two operator's keys during a rotation, and no third", async () => {
  const send = async (key: string, secrets: Secrets) =>
    (await callAsOperator("GET", "/operator/accounts", undefined, { key, env: secrets })).status;
  const steps: [Secrets, old: number, next: number][] = [
    [{}, 200, 401],
    [{ OPERATOR_KEY_SECOND: NEW_OPERATOR }, 200, 200],
    [{ OPERATOR_KEY: NEW_OPERATOR, OPERATOR_KEY_SECOND: OPERATOR }, 200, 200],
    [{ OPERATOR_KEY: NEW_OPERATOR }, 401, 200],
  ];
  for (const [secrets, old, next] of steps) {
    expect([await send(OPERATOR, secrets), await send(NEW_OPERATOR, secrets)]).toEqual([old, next]);
    expect(await send(`${OPERATOR}${NEW_OPERATOR}`, secrets)).toBe(401);
  }
});

it.each([
  ["OPERATOR_KEY_SECOND", ""],
  ["ENCRYPTION_KEY_SECOND", ""],
  ["ENCRYPTION_KEY_SECOND", btoa("too short")],
])("does not take %s=%s", async (name, value) => {
  const log = givenLog();
  const changed = { env: { [name]: value } };
  const answer = await callAsOperator("GET", "/operator/accounts", undefined, changed);
  expect(answer).toAnswer(500, "internal_error");
  expect(log.of("request failed")[0]?.["error"]).toContain(name);
});

/** The database, whose own batches are what `run` makes of them. */
function onBatch(run: (statements: D1PreparedStatement[]) => Promise<D1Result[]>): D1Database {
  return new Proxy(env.DB, {
    get(target, name) {
      if (name === "batch") return run;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
