import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { logged } from "../../support/audit";
import { countingD1 } from "../../support/counting";
import { forgetAll } from "../../../src/access/find-key";
import { asGivenKey, givenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";
import { removeOld } from "../../../src/pipeline/retention";

const DAY = 86_400_000;
const once = (key: string) => ({ headers: { "idempotency-key": key } });
const WEBHOOK = { url: "https://receiver.acme.com/" };

/** Moves all that is kept under an Idempotency-Key back in time. */
async function olderBy(ms: number): Promise<void> {
  await env.DB.prepare(
    "UPDATE idempotency_keys SET created_at = created_at - ?1, lease = lease - ?1",
  )
    .bind(ms)
    .run();
}

/** D1 that refuses what writes to a table. */
function refusing(table: string): D1Database {
  const stop = (text: string) => {
    if (text.includes(table)) throw new Error("D1_ERROR: the test says no");
  };
  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (name === "withSession") return (mark: string) => watch(env.DB.withSession(mark));
        if (name !== "prepare") return member.bind(target);
        return (text: string) => {
          stop(text);
          return Reflect.apply(member, target, [text]);
        };
      },
    });
  return watch(env.DB);
}

/** One change of each kind, of both APIs: made again it would be answered otherwise, or with another id. */
const CHANGES: [method: string, path: string, body?: unknown][] = [
  ["POST", "/sim", { id: "000000001", alias: "drone" }],
  ["PUT", "/sim", { id: "000000001", alias: "boat" }],
  ["PATCH", "/sims/000000001", { label: "plane" }],
  ["PATCH", "/sims/bulk", [{ id: "000000001", activated: false }]],
  ["POST", "/webhooks", WEBHOOK],
  ["POST", "/tags", { name: "Drones" }],
  ["POST", "/keys", { name: "x", scopes: ["*"] }],
  [
    "POST",
    "/connectors",
    { name: "mine", type: "https", options: { url: "https://a.example.com/" } },
  ],
  ["DELETE", "/connectors/mine"],
  ["DELETE", "/sim", { id: "000000001" }],
  ["DELETE", "/sim?id=000000001"],
  ["POST", "/sim", { id: "000" }],
  ["POST", "/sim", "{"],
];

it("answers a repeated change as it answered the first, byte for byte, and changes nothing", async () => {
  const acme = await givenAccount();
  for (const [index, [method, path, body]] of CHANGES.entries()) {
    const first = await acme.call(method, path, body, once(`change-${index}`));
    const webhooks = await storedIn("webhooks");
    const entries = await logged();
    const repeated = await acme.call(method, path, body, once(`change-${index}`));
    expect([path, repeated.status, repeated.text]).toEqual([path, first.status, first.text]);
    for (const name of ["content-type", "link", "etag"])
      expect(repeated.headers.get(name)).toBe(first.headers.get(name));
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(repeated.headers.get("idempotency-replayed")).toBe("true");
    expect(repeated.headers.get("x-ratelimit-limit")).not.toBeNull();
    expect(repeated.headers.get("x-request-id")).toMatch(/^[-0-9a-f]{36}$/);
    expect(await storedIn("webhooks")).toEqual(webhooks);
    expect(await logged()).toEqual(entries);
  }
  expect(await storedIn("webhooks")).toHaveLength(1);
});

it("does it once when it is asked for 100 times at once", async () => {
  const acme = await givenAccount();
  const calls = Array.from({ length: 100 }, () =>
    acme.call("POST", "/webhooks", WEBHOOK, once("start")),
  );
  const answers = await Promise.all(calls);
  const done = answers.filter(({ status }) => status === 200);
  const waiting = answers.filter(({ status }) => status !== 200);
  expect(done.length).toBeGreaterThan(0);
  expect(new Set(done.map(({ text }) => text)).size).toBe(1);
  expect(done.filter(({ headers }) => !headers.has("idempotency-replayed"))).toHaveLength(1);
  for (const answer of waiting) {
    expect(answer).toAnswer(409, "idempotency_in_progress");
    expect(answer.headers.get("retry-after")).toBe("1");
  }
  expect(await storedIn("webhooks")).toHaveLength(1);
  const late = await acme.call("POST", "/webhooks", WEBHOOK, once("start"));
  expect(late.text).toBe(done[0]?.text);
  const made = (await logged()).filter(({ action }) => action === "webhook.created");
  expect(made.map(({ subject }) => subject)).toEqual([late.json.id]);
}, 30_000);

it("refuses another request under the same key", async () => {
  const acme = await givenAccount();
  await acme.call("PUT", "/sim", { id: "000000001" }, once("a"));
  const tag = { ...once("a"), headers: { ...once("a").headers, "if-match": '"1"' } };
  const others = [
    await acme.call("PUT", "/sim", { id: "000000002" }, once("a")),
    await acme.call("PUT", "/sim", '{"id": "000000001"}', once("a")),
    await acme.call("POST", "/sim", { id: "000000001" }, once("a")),
    await acme.call("PUT", "/connector", { id: "000000001" }, once("a")),
    await acme.call("PUT", "/sim", { id: "000000001" }, tag),
  ];
  for (const answer of others) expect(answer).toAnswer(409, "idempotency_key_reused");
  expect(await acme.call("PUT", "/sim", { id: "000000001" }, once("a"))).toAnswer(
    404,
    "sim_not_found",
  );
});

it("refuses another query under the same key", async () => {
  const acme = await givenAccount();
  const changes = [{ id: await acme.givenSim(), label: "drone" }];
  const asked = await acme.call("PATCH", "/sims/bulk?dry_run=true", changes, once("a"));
  expect(asked.status).toBe(200);
  const done = await acme.call("PATCH", "/sims/bulk", changes, once("a"));
  expect(done).toAnswer(409, "idempotency_key_reused");
});

it("keeps the keys of accounts apart", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [one, two] = [
    await acme.call("POST", "/webhooks", WEBHOOK, once("a")),
    await globex.call("POST", "/webhooks", WEBHOOK, once("a")),
  ];
  expect(two.headers.get("idempotency-replayed")).toBeNull();
  expect(two.json.id).not.toBe(one.json.id);
});

it("keeps the API keys of an account apart: none takes another's name, or is shown its answer", async () => {
  const acme = await givenAccount();
  const nothing = await acme.givenKey({ scopes: ["webhooks:write"], tags: [] });
  const taken = await nothing.call("DELETE", "/webhooks/x", undefined, once("invoice-2026-11"));
  expect(taken.status).toBeGreaterThanOrEqual(400);
  expect((await acme.call("POST", "/webhooks", WEBHOOK, once("invoice-2026-11"))).status).toBe(200);
  const keeper = await acme.givenKey({ scopes: ["keys:write"] });
  const wanted = { name: "x", scopes: ["*"] };
  expect((await acme.call("POST", "/keys", wanted, once("a"))).status).toBe(200);
  const own = await keeper.call("POST", "/keys", wanted, once("a"));
  expect(own).toAnswer(403, "grant_forbidden");
});

it("answers a repeat by the key that rotations made as the first", async () => {
  const acme = await givenAccount();
  const first = await acme.call("POST", "/webhooks", WEBHOOK, once("a"));
  let key = asGivenKey({ id: acme.keyId, key: acme.key });
  for (let rotations = 0; rotations < 2; rotations += 1) {
    key = asGivenKey((await key.call("POST", `/keys/${key.id}/rotate`, {})).json);
    for (const forget of [() => undefined, forgetAll]) {
      forget();
      const repeated = await key.call("POST", "/webhooks", WEBHOOK, once("a"));
      expect(repeated.text).toBe(first.text);
      expect(repeated.headers.get("idempotency-replayed")).toBe("true");
    }
  }
  expect(await storedIn("webhooks")).toHaveLength(1);
});

it("shows a key that was given other tags since no answer of before", async () => {
  const acme = await givenAccount();
  const { id: tag } = await acme.givenTag("north");
  const key = await acme.givenKey({});
  const secret = await key.call("POST", "/webhooks", WEBHOOK, once("a"));
  expect(secret.status).toBe(200);
  await acme.call("PATCH", `/keys/${key.id}`, { tags: [tag] });
  const again = await key.call("POST", "/webhooks", WEBHOOK, once("a"));
  expect(again).toAnswer(409, "idempotency_key_reused");
});

it.each(["", " ", "x".repeat(256), "a b", "ø", "a\tb"])("refuses %j for a key", async (key) => {
  const acme = await givenAccount();
  const answer = await acme.call("POST", "/webhooks", WEBHOOK, {
    headers: { "idempotency-key": key },
  });
  expect(answer).toAnswer(400, "idempotency_key_invalid");
});

it("takes a key of 255 characters, and none for a read", async () => {
  const acme = await givenAccount();
  const longest = await acme.call("POST", "/webhooks", WEBHOOK, once("~".repeat(255)));
  expect(longest.status).toBe(200);
  expect((await acme.call("GET", "/webhooks", undefined, once("a b"))).status).toBe(200);
  expect(await storedIn("idempotency_keys")).toHaveLength(1);
});

describe("a failure of ours", () => {
  it("is not remembered", async () => {
    const acme = await givenAccount();
    const broken = { ...once("a"), env: { DB: refusing("INSERT INTO sims") } };
    const sim = { id: "000000001" };
    expect(await acme.call("POST", "/sim", sim, broken)).toAnswer(500, "internal_error");
    expect(await storedIn("idempotency_keys")).toEqual([]);
    expect(await acme.call("POST", "/sim", sim, once("a"))).toAnswer(200, { message: "OK" });
  });

  it("to keep the answer leaves the answer, and no second change before the lease ends", async () => {
    const acme = await givenAccount();
    const broken = { ...once("a"), env: { DB: refusing("UPDATE idempotency_keys") } };
    const sim = { id: "000000001" };
    expect(await acme.call("POST", "/sim", sim, broken)).toAnswer(200, { message: "OK" });
    expect(await acme.call("POST", "/sim", sim, once("a"))).toAnswer(
      409,
      "idempotency_in_progress",
    );
  });
});

it("lets a later call take over from a Worker that died, and one of them only", async () => {
  const acme = await givenAccount();
  const broken = { ...once("a"), env: { DB: refusing("UPDATE idempotency_keys") } };
  await acme.call("POST", "/webhooks", { url: "x" }, broken);
  await olderBy(59_000);
  const ask = () => acme.call("POST", "/webhooks", { url: "x" }, once("a"));
  expect(await ask()).toAnswer(409, "idempotency_in_progress");
  await olderBy(1_500);
  const answers = await Promise.all([ask(), ask(), ask()]);
  const first = answers.filter(
    ({ status, headers }) => status === 400 && !headers.has("idempotency-replayed"),
  );
  expect(first).toHaveLength(1);
});

it("remembers no refusal of the key itself", async () => {
  const acme = await givenAccount();
  const reader = await acme.givenKey({ scopes: ["sims:read"] });
  const refused = await reader.call("POST", "/webhooks", WEBHOOK, once("a"));
  expect(refused).toAnswer(403, "scope_missing");
  const limited = { ...once("a"), env: { RATE_LIMIT_PER_MINUTE: "1" } };
  for (let calls = 0; calls < 4; calls += 1) await acme.call("GET", "/", undefined, limited);
  const stopped = await acme.call("POST", "/webhooks", WEBHOOK, limited);
  expect(stopped).toAnswer(429, "too_many_requests");
  expect(await storedIn("idempotency_keys")).toEqual([]);
  expect((await acme.call("POST", "/webhooks", WEBHOOK, once("a"))).status).toBe(200);
});

it("remembers for a day", async () => {
  const acme = await givenAccount();
  const { json: first } = await acme.call("POST", "/webhooks", WEBHOOK, once("a"));
  await olderBy(DAY - 60_000);
  expect((await acme.call("POST", "/webhooks", WEBHOOK, once("a"))).json.id).toBe(first.id);
  await olderBy(60_000);
  const anew = await acme.call("POST", "/webhooks", { ...WEBHOOK, label: "x" }, once("a"));
  expect(anew.status).toBe(200);
  expect(anew.json.id).not.toBe(first.id);
  expect(await removeOld(env)).toMatchObject({ idempotency_keys: 0 });
  expect(await removeOld(env, Date.now() + DAY + 1)).toMatchObject({ idempotency_keys: 1 });
});

it("refuses a body that is too large without claiming the key", async () => {
  const acme = await givenAccount();
  const answer = await acme.call("POST", "/sim", `"${"x".repeat(300_000)}"`, once("a"));
  expect(answer).toAnswer(413, "body_too_large");
  expect(await storedIn("idempotency_keys")).toEqual([]);
});

it("costs two round trips more, and none without the header", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const spent = async (options: object) => {
    const { counts, d1 } = countingD1();
    await acme.call("POST", "/webhooks", WEBHOOK, { ...options, env: { DB: d1 } });
    return counts.roundTrips;
  };
  expect([await spent({}), await spent(once("a")), await spent(once("a"))]).toEqual([1, 3, 1]);
});
