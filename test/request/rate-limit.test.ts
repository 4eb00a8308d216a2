import { expect, it } from "vitest";
import { ACCOUNT_SHARE, charge } from "../../src/access/rate-limit";
import { call, callAsOperator } from "../support/call";
import { countingD1, countingKv } from "../support/counting";
import { givenAccount } from "../support/given-account";

const FIVE = { env: { RATE_LIMIT_PER_MINUTE: "5" } };
const HEADERS = [
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "ratelimit-policy",
  "ratelimit",
];

const told = (headers: Headers) => HEADERS.map((name) => headers.get(name));

it("refuses a key's calls over its limit, and says when it may call again", async () => {
  const acme = await givenAccount();
  let answer = await acme.call("GET", "/", undefined, FIVE);
  // A minute may end on the way.
  for (let calls = 1; calls < 12 && answer.status === 200; calls += 1)
    answer = await acme.call("GET", "/", undefined, FIVE);
  expect(answer).toAnswer(429, "too_many_requests");
  const wait = Number(answer.headers.get("retry-after"));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  const [limit, remaining, reset, policy, left] = told(answer.headers);
  expect([limit, remaining, policy]).toEqual(["5", "0", '"default";q=5;w=60']);
  expect(left).toBe(`"default";r=0;t=${wait}`);
  expect(Number(reset) % 60).toBe(0);
  expect(Math.abs(Number(reset) - Date.now() / 1000 - wait)).toBeLessThan(2);
});

it("counts each key alone", async () => {
  const acme = await givenAccount();
  const other = await acme.givenKey({});
  for (let calls = 0; calls < 12; calls += 1) await acme.call("GET", "/", undefined, FIVE);
  expect((await other.call("GET", "/", undefined, FIVE)).status).toBe(200);
});

it("lets all keys of an account together make four times the calls of one", async () => {
  const acme = await givenAccount();
  const keys = await Promise.all(Array.from({ length: 8 }, () => acme.givenKey({})));
  const callsOf = async () => {
    const statuses: number[] = [];
    for (const { call: callBy } of keys)
      for (let calls = 0; calls < 5; calls += 1)
        statuses.push((await callBy("GET", "/", undefined, FIVE)).status);
    return statuses;
  };
  const minute = Math.floor(Date.now() / 60_000);
  let statuses = await callsOf();
  // A minute may end on the way.
  if (Math.floor(Date.now() / 60_000) !== minute) statuses = await callsOf();
  expect(statuses.filter((status) => status === 200)).toHaveLength(5 * ACCOUNT_SHARE);
  const other = await givenAccount();
  expect((await other.call("GET", "/", undefined, FIVE)).status).toBe(200);
});

it("lets a key be ended though other keys have used up what the account may do", async () => {
  const acme = await givenAccount();
  const leaked = await acme.givenKey({});
  charge({ keyId: "leaked", accountId: acme.id, limit: 5 }, 1000);
  expect((await acme.call("GET", "/keys", undefined, FIVE)).status).toBe(429);
  expect((await acme.call("DELETE", `/keys/${leaked.id}`, undefined, FIVE)).status).toBe(200);
});

it("lets no key end more than five keys a minute past what the account may do, and counts that for no other call", async () => {
  const TEN = { env: { RATE_LIMIT_PER_MINUTE: "10" } };
  const ends = async () => {
    const acme = await givenAccount();
    const keys = await Promise.all(Array.from({ length: 12 }, () => acme.givenKey({})));
    const statuses: number[] = [];
    for (const { call: callBy } of keys)
      for (let calls = 0; calls < 10; calls += 1)
        statuses.push(
          (await callBy("DELETE", `/keys/${crypto.randomUUID()}`, undefined, TEN)).status,
        );
    return { acme, statuses };
  };
  const minute = Math.floor(Date.now() / 60_000);
  let { acme, statuses } = await ends();
  // A minute may end on the way.
  if (Math.floor(Date.now() / 60_000) !== minute) ({ acme, statuses } = await ends());
  const [first, later] = [statuses.slice(0, 40), statuses.slice(40)];
  expect(new Set(first)).toEqual(new Set([404]));
  const fiveOfTen = [404, 404, 404, 404, 404, 429, 429, 429, 429, 429];
  expect(later).toEqual(Array.from({ length: 8 }, () => fiveOfTen).flat());
  const refused = await acme.call("GET", "/", undefined, TEN);
  expect(refused).toAnswer(429, "too_many_requests");
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
});

it("tells it with every answer behind a key, refusals too, and with no other", async () => {
  const acme = await givenAccount();
  const reader = await acme.givenKey({ scopes: ["sims:read"], allowed_ips: ["192.0.2.0/24"] });
  const here = { headers: { "cf-connecting-ip": "192.0.2.1" } };
  const answers = [
    await reader.call("GET", "/", undefined, here),
    await reader.call("GET", "/sims", undefined, here),
    await reader.call("GET", "/sim?id=1", undefined, here),
    await reader.call("GET", "/sim?id=192837465", undefined, here),
    await reader.call("GET", "/usage", undefined, here),
    await reader.call("GET", "/"),
    await acme.call("POST", "/sim", "{"),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 404, 403, 403, 400]);
  for (const { headers } of answers) {
    const [limit, remaining, reset, policy, left] = told(headers);
    expect([limit, policy]).toEqual(["100000", '"default";q=100000;w=60']);
    expect(left).toMatch(new RegExp(`^"default";r=${remaining};t=([1-9]|[1-5][0-9]|60)$`));
    expect(reset).toMatch(/^\d{10}$/);
  }
  for (const answer of [await call("GET", "/"), await acme.call("GET", "/nowhere")])
    expect(told(answer.headers)).toEqual(HEADERS.map(() => null));
});

it("spends nothing in D1 or KV on a call over the limit", async () => {
  const acme = await givenAccount();
  for (let calls = 0; calls < 12; calls += 1) await acme.call("GET", "/", undefined, FIVE);
  const { counts, d1 } = countingD1();
  const { counts: kvCounts, kv } = countingKv();
  const env = { ...FIVE.env, DB: d1, API_KEYS: kv };
  const answer = await acme.call("GET", "/sims", undefined, { env });
  expect(answer).toAnswer(429, "too_many_requests");
  expect([counts.roundTrips, kvCounts.operations]).toEqual([0, 0]);
});

it("goes by an account's own limit where the operator set one, at once where it was set", async () => {
  const acme = await givenAccount();
  const limit = async () => (await acme.call("GET", "/")).headers.get("x-ratelimit-limit");
  expect(await limit()).toBe("100000");
  const path = `/operator/accounts/${acme.id}`;
  const set = await callAsOperator("PATCH", path, { rate_limit: 7 });
  expect(set.json).toMatchObject({ id: acme.id, name: "Acme", rate_limit: 7 });
  expect(await limit()).toBe("7");
  const { status, json } = await callAsOperator("PATCH", path, { rate_limit: null });
  expect([status, Object.keys(json)]).toEqual([200, ["id", "name", "created_at"]]);
  expect(await limit()).toBe("100000");
});

it.each([0, -1, 1.5, 1_000_001, "5", undefined, {}])(
  "refuses %j for an account's limit",
  async (rate_limit) => {
    const acme = await givenAccount();
    const answer = await callAsOperator("PATCH", `/operator/accounts/${acme.id}`, { rate_limit });
    expect(answer).toAnswer(400, "rate_limit_invalid");
  },
);

it("sets no limit for an account that does not exist", async () => {
  const answer = await callAsOperator("PATCH", "/operator/accounts/nobody", { rate_limit: 5 });
  expect(answer).toAnswer(404, "account_not_found");
});

it("counts a bulk call as a call for each twenty changes", async () => {
  const acme = await givenAccount();
  const bulk = (changes: number) =>
    acme.call(
      "PATCH",
      "/sims/bulk",
      Array.from({ length: changes }, () => ({ id: "000000001" })),
    );
  const left = (answer: Awaited<ReturnType<typeof bulk>>) =>
    Number(answer.headers.get("x-ratelimit-remaining"));
  for (let tries = 0; ; tries += 1) {
    const before = await bulk(20);
    const [after, last] = [await bulk(1000), await bulk(21)];
    // A minute may end on the way.
    if (left(last) > left(before) && tries === 0) continue;
    expect([left(before) - left(after), left(after) - left(last)]).toEqual([50, 2]);
    break;
  }
});

const bulkOf = (sims: readonly string[], change: object) => sims.map((id) => ({ id, ...change }));

it("lets only as many bulk calls through that come at once as the minute has room for", async () => {
  const acme = await givenAccount();
  const changes = bulkOf(
    Array.from({ length: 500 }, () => "000000001"),
    {},
  );
  const limit = { env: { RATE_LIMIT_PER_MINUTE: "60" } };
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => acme.call("PATCH", "/sims/bulk", changes, limit)),
  );
  const made = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  // Each is worth 25 calls; a minute may end on the way.
  expect(made.length).toBeLessThanOrEqual(6);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) expect(answer).toAnswer(429, "too_many_requests");
  const waits = refused.map(({ headers }) => Number(headers.get("retry-after")));
  expect(Math.min(...waits)).toBeGreaterThan(0);
});

it("counts a call as what it wrote: tags above all", async () => {
  const acme = await givenAccount();
  const tags: string[] = [];
  for (let n = 0; n < 20; n += 1) tags.push((await acme.givenTag(`tag ${n}`)).id);
  const sims: string[] = [];
  for (let n = 0; n < 20; n += 1) sims.push(await acme.givenSim());
  const left = ({ headers }: { headers: Headers }) => Number(headers.get("x-ratelimit-remaining"));
  const costOf = async (change: object) => {
    const before = left(await acme.call("GET", "/"));
    return before - left(await acme.call("PATCH", "/sims/bulk", bulkOf(sims, change)));
  };
  expect(await costOf({ activated: false })).toBe(1);
  expect(await costOf({ tags })).toBeGreaterThanOrEqual(3);
  // What is taken away is not in the call, and counts all the same.
  expect(await costOf({ tags: tags.slice(0, 1) })).toBeGreaterThanOrEqual(2);
});

it("remembers no refusal for now under an Idempotency-Key", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const changes = Array.from({ length: 500 }, () => ({ id }));
  const narrow = { env: { RATE_LIMIT_PER_MINUTE: "3" } };
  const calls = await Promise.all(
    Array.from({ length: 3 }, (_, n) =>
      acme.call("PATCH", "/sims/bulk", changes, {
        ...narrow,
        headers: { "idempotency-key": `bulk-${n}` },
      }),
    ),
  );
  const refused = calls.findIndex(({ status }) => status === 429);
  expect(refused).toBeGreaterThanOrEqual(0);
  const again = await acme.call("PATCH", "/sims/bulk", changes, {
    headers: { "idempotency-key": `bulk-${refused}` },
  });
  expect(again.status).toBe(200);
});
