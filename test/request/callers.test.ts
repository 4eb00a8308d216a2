import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/platform/errors";
import { charge } from "../../src/access/rate-limit";
import { call, type CallOptions } from "../support/call";
import { givenAccount } from "../support/given-account";
import { withinAMinute } from "../support/minute";

interface Call {
  origin: string;
  key: string;
  path: string;
  query: string;
  body: string;
  headers: Record<string, string>;
  env: Record<string, string>;
}

/** A fault for each step, in the order of the steps. */
const FAULTS: { code: ErrorCode; status: number; in: (one: Call) => void }[] = [
  { code: "https_required", status: 403, in: (one) => (one.origin = "http://api.example.com") },
  { code: "internal_error", status: 500, in: (one) => (one.env["FEED_DAYS"] = "many") },
  { code: "unauthorized", status: 401, in: (one) => (one.key = "x") },
  { code: "address_forbidden", status: 403, in: (one) => (one.headers[ADDRESS] = "198.51.100.1") },
  { code: "too_many_requests", status: 429, in: (one) => (one.env["RATE_LIMIT_PER_MINUTE"] = "1") },
  { code: "scope_missing", status: 403, in: (one) => (one.path = "/webhooks") },
  { code: "parameter_unknown", status: 400, in: (one) => (one.query = "?x=1") },
  { code: "bookmark_invalid", status: 400, in: ({ headers }) => (headers["x-d1-bookmark"] = "x") },
  {
    code: "idempotency_key_invalid",
    status: 400,
    in: ({ headers }) => (headers["idempotency-key"] = "a key"),
  },
  { code: "json_invalid", status: 400, in: (one) => (one.body = "{") },
];
const STEPS = FAULTS.map(({ code, status }, index) => ({ code, status, index }));
const ADDRESS = "cf-connecting-ip";

/** A call without a fault. Its key has one scope, and has spent more than a call in this minute and the next. */
async function givenCall(): Promise<Call> {
  const acme = await givenAccount();
  const { id, key } = await acme.givenKey({
    scopes: ["sims:write"],
    allowed_ips: ["192.0.2.0/24"],
  });
  charge({ keyId: id, accountId: acme.id, limit: 100_000 }, 50);
  return {
    origin: "https://api.example.com",
    key,
    path: "/tags",
    query: "",
    body: JSON.stringify({ name: crypto.randomUUID() }),
    headers: { [ADDRESS]: "192.0.2.1" },
    env: {},
  };
}

function send({ path, query, body, ...options }: Call) {
  return call("POST", path + query, body, options);
}

describe("the steps of a call with an account's key", () => {
  it("let a call without a fault pass", async () => {
    expect((await send(await givenCall())).status).toBe(200);
  });

  it.each(STEPS)("refuse with $code, alone and before all later faults", async (step) => {
    const [alone, all] = [await givenCall(), await givenCall()];
    FAULTS[step.index]?.in(alone);
    for (const fault of FAULTS.slice(step.index)) fault.in(all);
    for (const one of [alone, all]) expect(await send(one)).toAnswer(step.status, step.code);
  });

  const COUNTED = STEPS.filter(({ status, index }) => index > 2 && status !== 429);

  it.each(COUNTED)("tell the rate limit with $code, and count if allowed", async (step) => {
    const remaining = async (one: Call) =>
      Number((await send(one)).headers.get("x-ratelimit-remaining") ?? "none");
    const counted = await withinAMinute(async () => {
      const one = await givenCall();
      const before = await remaining(one);
      FAULTS[step.index]?.in(one);
      return before - (await remaining(one));
    });
    expect(counted).toBe(step.code === "address_forbidden" ? 0 : 1);
  });
});

describe("the steps of a call with the operator's key", () => {
  const FAULTY: [code: ErrorCode, status: number, options: CallOptions, query?: string][] = [
    ["https_required", 403, { origin: "http://api.example.com" }],
    ["internal_error", 500, { env: { FEED_DAYS: "many" } }],
    ["unauthorized", 401, { key: "x" }],
    ["parameter_unknown", 400, {}, "?x=1"],
    ["bookmark_invalid", 400, { headers: { "x-d1-bookmark": "x" } }],
  ];

  it.each(FAULTY.map(([code], index) => ({ code, index })))(
    "refuse with $code before they look at any later fault",
    async ({ index, code }) => {
      const faults = FAULTY.slice(index);
      const options: CallOptions = Object.assign(
        { key: env.OPERATOR_KEY },
        ...faults.map(([, , fault]) => fault),
      );
      const query = faults.map(([, , , text]) => text ?? "").join("");
      const answer = await call("POST", `/operator/accounts${query}`, "{", options);
      expect(answer).toAnswer(FAULTY[index]?.[1] ?? 0, code);
    },
  );
});

describe("the steps that every call passes", () => {
  it("say which request a refusal was, to a page too, and before https is required", async () => {
    const headers = { origin: "https://fleet.example.com" };
    const answers = [
      await call("GET", "/nowhere", undefined, { headers }),
      await call("PATCH", "/sim", undefined, { headers }),
      await call("GET", "/sim", undefined, { headers }),
      await call("GET", "/sim", undefined, { headers, origin: "http://api.example.com" }),
    ];
    expect(answers.map(({ json }) => json.error)).toEqual([
      "not_found",
      "method_not_allowed",
      "unauthorized",
      "https_required",
    ]);
    for (const answer of answers) {
      expect(answer.headers.get("x-request-id")).toMatch(/^[-0-9a-f]{36}$/);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  it("answer a load balancer over http, with any settings", async () => {
    const options = { origin: "http://api.example.com", env: { FEED_DAYS: "many" } };
    expect((await call("GET", "/healthz", undefined, options)).status).toBe(200);
  });
});
