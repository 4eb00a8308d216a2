import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { call, callAsOperator } from "../support/call";
import { countingD1 } from "../support/counting";
import { usageOf } from "../support/events";
import { type GivenAccount, givenAccount } from "../support/given-account";
import { givenLog } from "../support/log";
import { failingD1, givenPipeline, givenQueue, givenReceivers } from "../support/pipeline";
import { callAs, PROTECTED_ROUTES } from "../support/protected-routes";

const ALL = { env: { LOG_SAMPLE: "1" } };

it("writes a line of what each call was, by the route's pattern", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const log = givenLog();
  const calls: [method: string, path: string, route: string | null, status: number][] = [
    ["GET", `/sim?id=${sim}`, "/sim", 200],
    ["GET", `/sims/${sim}`, "/sims/:sim_id", 200],
    ["GET", "/sims/find?search=drone", "/sims/find", 200],
    ["HEAD", `/sims/${sim}`, "/sims/:sim_id", 200],
    ["GET", "/webhooks/5a3d1d5e-1b52-4b64-8f4f-3e5a1c7d0f11", "/webhooks/:id", 404],
    ["PATCH", `/sims/${sim}`, "/sims/:sim_id", 400],
    ["GET", `/nowhere/${sim}`, null, 404],
    ["PURGE", `/sims/${sim}`, null, 405],
  ];
  for (const [method, path, route, status] of calls) {
    const answer = await acme.call(method, path, method === "PATCH" ? "x" : undefined, ALL);
    expect(log.of("request").at(-1)).toMatchObject({
      request_id: answer.headers.get("x-request-id"),
      method,
      route,
      status,
    });
  }
  expect(log.of("request")).toHaveLength(calls.length);
  expect(log.text()).not.toContain(sim);
  expect(log.text()).not.toContain("drone");
});

it("says whose call it was, and why it was refused", async () => {
  const acme = await givenAccount();
  const narrow = await acme.givenKey({ scopes: ["usage:read"] });
  const log = givenLog();
  await acme.call("GET", "/sim?id=000000001", undefined, ALL);
  await narrow.call("GET", "/sim?id=000000001", undefined, ALL);
  await call("GET", "/sim", undefined, ALL);
  await callAsOperator("GET", "/operator/accounts", undefined, ALL);
  const [account_id, route] = [acme.id, "/sim"];
  expect(log.of("request")).toMatchObject([
    { account_id, key_id: acme.keyId, route, error: "sim_not_found" },
    { account_id, key_id: narrow.id, route, error: "scope_missing" },
    { route, error: "unauthorized", status: 401 },
    { route: "/operator/accounts", status: 200 },
  ]);
  expect(
    log
      .of("request")
      .slice(2)
      .filter((line) => "account_id" in line),
  ).toEqual([]);
});

it("says by which code a call was answered, whoever refused it", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const log = givenLog();
  const busy = () => {
    throw new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
  };
  const session = { prepare: busy, batch: busy, getBookmark: () => null };
  const DB = new Proxy(env.DB, {
    get: (target, name) =>
      name === "withSession" ? () => session : Reflect.get(target, name).bind(target),
  });
  const calls = [
    await acme.call("GET", "/sims", undefined, { env: { ...ALL.env, DB } }),
    await acme.call("GET", "/", undefined, { env: { FEED_DAYS: "many" } }),
    await acme.call("GET", "/nowhere", undefined, ALL),
    await acme.call("PURGE", "/sims", undefined, ALL),
    await acme.call("GET", "/", undefined, { ...ALL, origin: "http://api.example.com" }),
    await acme.call("GET", "/", undefined, ALL),
  ];
  const codes = calls.map(({ json }) => json.error);
  expect(codes).toEqual([
    "overloaded",
    "internal_error",
    "not_found",
    "method_not_allowed",
    "https_required",
    undefined,
  ]);
  expect(log.of("request").map(({ error }) => error)).toEqual(codes);
});

it("counts what the call asked of D1 until it was answered, as D1 itself does", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  await acme.call("GET", "/");
  const log = givenLog();
  const calls: [method: string, path: string, body?: object | object[]][] = [
    ["GET", `/sim?id=${sim}`],
    ["GET", "/sims"],
    ["PUT", "/sim", { id: sim, alias: "drone" }],
    ["PATCH", "/sims/bulk", [{ id: sim, label: "other" }]],
    ["POST", "/tags", { name: "x" }],
    ["GET", "/audit-log"],
  ];
  for (const [method, path, body] of calls) {
    const { counts, d1 } = countingD1();
    await acme.call(method, path, body, { env: { ...ALL.env, DB: d1 } });
    expect(log.of("request").at(-1)).toMatchObject({
      d1_calls: counts.roundTrips,
      rows_written: counts.rowsWritten,
    });
    expect(counts.roundTrips).toBeGreaterThan(0);
  }
  const { counts, d1 } = countingD1();
  await acme.call("PATCH", `/sims/${sim}`, { label: "third" }, { env: { ...ALL.env, DB: d1 } });
  const line = log.of("request").at(-1);
  expect(line).toMatchObject({ rows_read: counts.rowsRead, rows_written: counts.rowsWritten });
  expect(counts.rowsWritten).toBeGreaterThan(2);
});

it("logs as large a share as it is told, and every failure of ours", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const log = givenLog();
  const none = { LOG_SAMPLE: "0" };
  await acme.call("GET", "/sims", undefined, { env: none });
  await acme.call("GET", "/sim", undefined, { env: none });
  expect(log.of("request")).toEqual([]);
  const DB = failingD1(() => true);
  const broken = { ...none, DB: withoutSessions(DB) };
  const failed = await acme.call("POST", "/sim", { id: "192837465" }, { env: broken });
  expect(failed).toAnswer(500, "internal_error");
  const wrong = await acme.call("GET", "/", undefined, { env: { ...none, FEED_DAYS: "many" } });
  expect(wrong).toAnswer(500, "internal_error");
  for (const message of ["request", "request failed"])
    expect(log.of(message).map(({ request_id }) => request_id)).toEqual(
      [failed, wrong].map(({ headers }) => headers.get("x-request-id")),
    );
  expect(log.of("request")).toMatchObject([{ d1_calls: 1, rows_read: 0 }, { route: "/" }]);
  for (let calls = 0; calls < 200; calls += 1)
    await acme.call("GET", "/nowhere", undefined, { env: { LOG_SAMPLE: "0.5" } });
  const share = log.of("request").length - 2;
  expect(share).toBeGreaterThan(50);
  expect(share).toBeLessThan(150);
});

it.each(["2", "-1", "1.5", "half", "1e-1", ""])("does not take LOG_SAMPLE=%s", async (share) => {
  const acme = await givenAccount();
  const log = givenLog();
  const answer = await acme.call("GET", "/", undefined, { env: { LOG_SAMPLE: share } });
  expect(answer).toAnswer(500, "internal_error");
  expect(log.of("request failed")[0]?.["error"]).toContain("LOG_SAMPLE");
});

it("tells no key, no secret and nothing that was sent, whatever is called", async () => {
  givenReceivers();
  const acme = await givenAccount();
  const log = givenLog();
  const pipeline = givenPipeline(ALL.env);
  const told = await callAll(acme);
  const authorization = `${HUSH}-authorization`;
  const webhook = await acme.givenWebhook({ authorization, label: HUSH });
  const sim = await acme.givenSim({ alias: `${HUSH}-alias` });
  await pipeline.report(usageOf(sim, { bill_id: `${HUSH}-bill` }), { type: HUSH });
  await pipeline.storeAll();
  await pipeline.deliverAll();
  await pipeline.hand("simplane-events", [HUSH, { events: [HUSH] }]);
  await pipeline.hand("simplane-deliveries-dead", [{ [HUSH]: HUSH }]);
  const lines = log.text();
  expect(log.of("request").length).toBeGreaterThan(PROTECTED_ROUTES.length);
  expect(log.of("batch")).toHaveLength(3);
  const whsec = webhook.secret.slice("whsec_".length);
  const secrets = [HUSH, acme.key, env.OPERATOR_KEY, env.ENCRYPTION_KEY, whsec, sim, ...told];
  expect(secrets.filter((secret) => lines.includes(secret))).toEqual([]);
});

it("asks D1 for no two columns of one name, which would be counted as one, and for none that is a number", async () => {
  givenReceivers();
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const { id } = await acme.givenWebhook();
  await acme.givenConnector();
  const { d1, statements, twice } = watchingColumns();
  const pipeline = givenPipeline({ DB: d1 });
  // One that neither memory nor KV knows is looked up.
  const unknown = await acme.givenKey({});
  await unknown.call("GET", "/", undefined, { env: pipeline.env });
  for (const { method, url, caller, takesBody } of PROTECTED_ROUTES) {
    const path = url
      .replace("/webhooks/00000000-0000-4000-8000-000000000000", `/webhooks/${id}`)
      .replace("192837465", sim);
    const named = path === "/sim" || path === "/connector" ? `?id=${sim}` : "";
    const asked = method === "GET" ? path + named : path;
    await callAs(caller, acme)(method, asked, takesBody ? {} : undefined, { env: pipeline.env });
  }
  await pipeline.report(usageOf(sim));
  await pipeline.storeAll();
  await pipeline.storeAll(2);
  await pipeline.deliverAll();
  await pipeline.replayAll();
  expect(statements.size).toBeGreaterThan(15);
  expect(twice).toEqual([]);
});

/** The database; the statements that are asked for on their own, and those of them whose rows an object would not keep in order. */
function watchingColumns() {
  const statements = new Set<string>();
  const twice: string[] = [];

  function watched(statement: D1PreparedStatement, query: string): D1PreparedStatement {
    const [bind, all] = [statement.bind.bind(statement), statement.all.bind(statement)];
    return Object.assign(statement, {
      bind: (...values: unknown[]) => watched(bind(...values), query),
      async all() {
        statements.add(query);
        const [names] = await statement.raw({ columnNames: true });
        const distinct = new Set(names?.filter((name) => !/^[0-9]+$/.test(name)));
        if ((names?.length ?? 0) > 1 && distinct.size < (names?.length ?? 0)) twice.push(query);
        return all();
      },
    });
  }

  const watching = <T extends Pick<D1Database, "prepare">>(target: T): T => {
    const prepare = target.prepare.bind(target);
    return new Proxy(target, {
      get(_, name) {
        if (name === "prepare") return (query: string) => watched(prepare(query), query);
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (name !== "withSession") return member.bind(target);
        return (start: string) => watching(member.call(target, start));
      },
    });
  };
  return { d1: watching(env.DB), statements, twice };
}

const HUSH = "hush-hush";

/** Calls every route with a good key and with none, and with what must not be told in all its places; answers the secrets that it was shown. */
async function callAll(acme: GivenAccount): Promise<string[]> {
  const queue = givenQueue();
  const queues = { EVENTS: queue, DELIVERIES: queue, REPLAYS: queue };
  const options = { env: { ...ALL.env, ...queues } };
  const headers = { "idempotency-key": `${HUSH}-repeat`, cookie: HUSH, "x-request-id": HUSH };
  const told: string[] = [];
  for (const { method, url, caller, takesBody } of PROTECTED_ROUTES) {
    const send = callAs(caller, acme);
    const body = { name: HUSH, url: HUSH, authorization: HUSH, options: { authorization: HUSH } };
    const path = `${url}?search=${HUSH}&id=${HUSH}&next_page=${HUSH}`;
    const answers = [
      await send(method, path, takesBody ? body : undefined, { ...options, headers }),
      await send(method, url, takesBody ? `{"${HUSH}` : undefined, options),
      await call(method, path, takesBody ? body : undefined, { ...options, key: `sp_${HUSH}` }),
    ];
    for (const { json } of answers) if (typeof json?.key === "string") told.push(json.key);
  }
  return told;
}

/** A session's batches go the way of the database's own. */
function withoutSessions(d1: D1Database): D1Database {
  return new Proxy(d1, {
    get(target, name) {
      if (name !== "withSession") return Reflect.get(target, name);
      return () => ({
        prepare: (query: string) => target.prepare(query),
        batch: (statements: D1PreparedStatement[]) => target.batch(statements),
        getBookmark: () => null,
      });
    },
  });
}
