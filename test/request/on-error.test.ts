import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../src/platform/env";
import { hashKey } from "../../src/access/api-key";
import { forgetAll } from "../../src/access/find-key";
import { callAsOperator } from "../support/call";
import { usageOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { givenPipeline } from "../support/pipeline";

/** What the log was told, read as JSON. */
let log: string[] = [];
const logged = () => log.map((line) => JSON.parse(line));

beforeEach(() => {
  log = [];
  vi.spyOn(console, "error").mockImplementation((line) => void log.push(String(line)));
});

/** A D1 on which nothing works. */
function brokenD1(message: string): D1Database {
  const fail = () => Promise.reject(new Error(message));
  const broken = (target: object): object =>
    new Proxy(target, {
      get(_, name) {
        if (name === "getBookmark") return () => null;
        const makes = name === "prepare" || name === "bind" || name === "withSession";
        return makes ? () => broken(target) : fail;
      },
    });
  return new Proxy(env.DB, { get: (_, name) => Reflect.get(broken({}), name) });
}

const CALLS: [method: string, path: string, body?: object][] = [
  ["GET", "/sim?id=192837465"],
  ["POST", "/sim", { id: "192837465" }],
  ["DELETE", "/connector?id=mine"],
  ["GET", "/usage"],
  ["POST", "/webhooks", { url: "https://receiver.acme.com/" }],
];

/** Memory and KV know a key from its making on; without their entries D1 is asked. */
async function forgottenByCaches(key: string): Promise<void> {
  forgetAll();
  await env.API_KEYS.delete(await hashKey(key));
}

describe("an unexpected failure", () => {
  it.each(CALLS)("of %s %s says nothing but its id", async (method, path, body) => {
    const acme = await givenAccount();
    await acme.call("GET", "/");
    const DB = brokenD1("D1_ERROR: no such table: secrets_of_the_house: SQLITE_ERROR");
    const answer = await acme.call(method, path, body, { env: { DB } });
    expect(answer).toAnswer(500, "internal_error");
    const id = answer.headers.get("x-request-id");
    expect(id).toMatch(/^[-0-9a-f]{36}$/);
    expect(JSON.stringify([...answer.headers])).not.toContain("secrets_of_the_house");
    const [line] = logged();
    expect(line).toMatchObject({ message: "request failed", request_id: id });
    expect(line.error).toContain("secrets_of_the_house");
  });

  it("of the key's look-up is no refusal of the key", async () => {
    const acme = await givenAccount();
    await forgottenByCaches(acme.key);
    const answer = await acme.call("GET", "/", undefined, {
      env: { DB: brokenD1("D1_ERROR: down") },
    });
    expect(answer).toAnswer(500, "internal_error");
    expect((await acme.call("GET", "/")).status).toBe(200);
  });

  it("of the queue is told to the operator", async () => {
    const EVENTS = new Proxy(env.EVENTS, {
      get: () => () => Promise.reject(new Error("Queue sendBatch failed")),
    });
    const events = [
      {
        type: "network-validation",
        time: "2026-03-01 00:00:00",
        sim_id: "192837465",
        imei: "1234567890987654",
        country_code: "dk",
      },
    ];
    const answer = await callAsOperator(
      "POST",
      "/operator/events",
      { events },
      { env: { EVENTS } },
    );
    expect(answer).toAnswer(500, "internal_error");
  });

  it("does not log what the caller sent", async () => {
    const acme = await givenAccount();
    await acme.call("GET", "/");
    const options = { url: "https://sink.example.com/", authorization: "hush-hush" };
    const connector = { id: "mine", type: "https", options };
    const DB = brokenD1("D1_ERROR: down");
    await acme.call("POST", "/connector", connector, { env: { DB } });
    await acme.call("POST", "/sim", { id: "192837465", alias: "hush-hush" }, { env: { DB } });
    expect(logged()).toHaveLength(2);
    expect(JSON.stringify(logged())).not.toContain("hush-hush");
    expect(JSON.stringify(logged())).not.toContain(acme.key);
  });
});

describe("an overloaded database", () => {
  const message = "D1_ERROR: D1 DB is overloaded. Requests queued for too long.";

  it.each(CALLS)("asks the caller of %s %s to come back", async (method, path, body) => {
    const acme = await givenAccount();
    await acme.call("GET", "/");
    const answer = await acme.call(method, path, body, { env: { DB: brokenD1(message) } });
    expect(answer).toAnswer(503, "overloaded");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("x-request-id")).toMatch(/^[-0-9a-f]{36}$/);
  });

  it("asks so too when it is the key that cannot be looked up", async () => {
    const acme = await givenAccount();
    await forgottenByCaches(acme.key);
    const answer = await acme.call("GET", "/", undefined, { env: { DB: brokenD1(message) } });
    expect(answer).toAnswer(503, "overloaded");
    expect((await acme.call("GET", "/")).status).toBe(200);
  });
});

describe("a fault of D1", () => {
  const PASSING = [
    "D1 DB reset because its code was updated.",
    "Internal error while starting up D1 DB storage caused object to be reset.",
    "Network connection lost.",
    "Internal error in D1 DB storage caused object to be reset.",
    "Cannot resolve D1 DB due to transient issue on remote node.",
    "Can't read from request stream because client disconnected.",
    "D1 DB storage operation exceeded timeout which caused object to be reset.",
    "D1 DB is overloaded. Requests queued for too long.",
    "D1 DB is overloaded. Too many requests queued.",
    "D1 DB's isolate exceeded its memory limit and was reset.",
    "D1 DB exceeded its CPU time limit and was reset.",
  ];

  it("that passes asks the caller to come back, whichever it is", async () => {
    const acme = await givenAccount();
    await acme.call("GET", "/");
    for (const message of PASSING)
      for (const [method, path, body] of CALLS) {
        const DB = brokenD1(`D1_ERROR: ${message}`);
        const answer = await acme.call(method, path, body, { env: { DB } });
        expect([message, answer.status, answer.json]).toEqual([
          message,
          503,
          { error: "overloaded" },
        ]);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      }
    expect(new Set(logged().map(({ fault }) => fault))).toEqual(new Set(["passing"]));
  });

  it.each([
    "D1_ERROR: Exceeded maximum DB size",
    "D1_ERROR: database or disk is full: SQLITE_FULL",
  ])("that does not pass says so, and when: %s", async (message) => {
    const acme = await givenAccount();
    await acme.call("GET", "/");
    const broken = { env: { DB: brokenD1(message) } };
    const answer = await acme.call("POST", "/sim", { id: "192837465" }, broken);
    expect(answer).toAnswer(507, "storage_full");
    expect(answer.headers.get("retry-after")).toBeNull();
    expect(logged()).toMatchObject([{ message: "request failed", fault: "full" }]);
  });

  it.each([
    ["Network connection lost.", "passing"],
    ["Exceeded maximum DB size", "full"],
  ])("is in the log of the queues' consumers too, which try again: %s", async (message, fault) => {
    const pipeline = givenPipeline({ DB: brokenD1(`D1_ERROR: ${message}`) });
    const { acked, retried } = await pipeline.hand("simplane-events", [
      { events: [usageOf("192837465")] },
    ]);
    expect([acked.length, retried.length]).toEqual([0, 1]);
    expect(logged()).toMatchObject([{ message: "events not stored", fault }]);
  });
});

describe("a configuration that is wrong", () => {
  const SECRET = "not-a-value-to-be-logged";
  const wrong: [name: keyof Env, value: string | undefined][] = [
    ["OPERATOR_KEY", undefined],
    ["OPERATOR_KEY", ""],
    ["OPERATOR_KEY", "a key of only thirty-one chars."],
    ["OPERATOR_KEY_SECOND", "short"],
    ["ENCRYPTION_KEY", undefined],
    ["ENCRYPTION_KEY", ""],
    ["ENCRYPTION_KEY", SECRET],
    ["ENCRYPTION_KEY", btoa(SECRET)],
    ["ENCRYPTION_KEY", btoa("x".repeat(31))],
    ["ENCRYPTION_KEY", btoa("x".repeat(33))],
    ["SIM_REGISTRATION", SECRET],
    ["ALLOW_INSECURE_WEBHOOKS", SECRET],
    ["ALLOW_INSECURE_WEBHOOKS", "TRUE"],
  ];

  it.each(wrong)(
    "%s=%s fails every call, and the log names it, not its value",
    async (name, value) => {
      const acme = await givenAccount();
      const changed = { env: { [name]: value } };
      const answers = [
        await acme.call("GET", "/", undefined, changed),
        await callAsOperator("GET", "/operator/accounts", undefined, changed),
      ];
      for (const answer of answers) expect(answer).toAnswer(500, "internal_error");
      expect(logged()).toHaveLength(2);
      for (const { error } of logged()) {
        expect(error).toContain(name);
        expect(error.replaceAll(name, "")).not.toContain(value || SECRET);
      }
    },
  );

  it("does not let an empty operator's key in", async () => {
    const answer = await callAsOperator("GET", "/operator/accounts", undefined, {
      key: "Bearer ",
      env: { OPERATOR_KEY: "" },
    });
    expect(answer).toAnswer(500, "internal_error");
  });
});
