import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { exportAudit } from "../../../src/api/audit-log/export";
import { listAudit } from "../../../src/api/audit-log/list";
import { allOf } from "../../../src/access/access";
import { type Db, openPrimary } from "../../../src/db/client";
import { call, callAsOperator, type CallOptions } from "../../support/call";
import { countingD1 } from "../../support/counting";
import { givenAccount } from "../../support/given-account";
import type { AuditEntry } from "../../../src/api/audit-log/responses";

const readerOf = (accountId: string) => ({ ...allOf(accountId), keyId: null });

type Account = Awaited<ReturnType<typeof givenAccount>>;

/** An account with two keys, each of which changed something. */
async function givenHistory() {
  const acme = await givenAccount();
  const second = await callAsOperator("POST", `/operator/accounts/${acme.id}/keys`, { name: "b" });
  const sim = await acme.givenSim();
  const tag = await acme.givenTag("a");
  await call("PATCH", `/sims/${sim}`, { label: "x" }, { key: second.json.key });
  return { acme, secondKey: String(second.json.id), sim, tag: tag.id };
}

async function list(account: Account, query = "", options: CallOptions = {}) {
  const answer = await account.call("GET", `/audit-log?${query}`, undefined, options);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  const entries: AuditEntry[] = answer.json.entries;
  return { entries, pagination: answer.json.pagination };
}

const actions = (entries: readonly AuditEntry[]) => entries.map(({ action }) => action);

it("tells who changed what, newest first", async () => {
  const { acme, secondKey, sim } = await givenHistory();
  const { entries, pagination } = await list(acme);
  expect(pagination).toEqual({ has_more: false });
  expect(actions(entries)).toEqual([
    "sim.changed",
    "tag.created",
    "sim.created",
    "key.created",
    "key.created",
    "account.created",
  ]);
  const [newest, , , key] = entries;
  expect(newest).toEqual({
    id: expect.stringMatching(/^\d{16}$/),
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    actor: { type: "key", key_id: secondKey },
    address: expect.stringMatching(/^2001:db8:/),
    request_id: expect.stringMatching(/^[-0-9a-f]{36}$/),
    action: "sim.changed",
    subject: sim,
    sim_id: sim,
    before: { label: null },
    after: { label: "x" },
  });
  expect(Math.abs(Date.parse(newest?.time ?? "") - Date.now())).toBeLessThan(60_000);
  expect(key).toMatchObject({ actor: { type: "operator", key_id: null }, subject: secondKey });
});

it("shows an account its own entries only, and the operator any account's", async () => {
  const { acme } = await givenHistory();
  const globex = await givenAccount();
  expect(actions((await list(globex)).entries)).toEqual(["key.created", "account.created"]);
  const path = (id: string) => `/operator/audit-log?account_id=${id}&limit=2`;
  const { json, status } = await callAsOperator("GET", path(acme.id));
  expect(status).toBe(200);
  expect(json).toEqual(await list(acme, "limit=2"));
  expect(await callAsOperator("GET", path("nobody"))).toAnswer(404, "account_not_found");
  const nameless = await callAsOperator("GET", "/operator/audit-log");
  expect(nameless).toAnswer(400, "account_id_invalid");
});

describe("filters", () => {
  it("by actor, action, SIM and time", async () => {
    const { acme, secondKey, sim } = await givenHistory();
    const all = (await list(acme)).entries;
    const found = async (query: string) => actions((await list(acme, query)).entries);
    expect(await found(`actor=${secondKey}`)).toEqual(["sim.changed"]);
    expect(await found(`actor=${acme.keyId.toUpperCase()}`)).toEqual([
      "tag.created",
      "sim.created",
    ]);
    expect(await found("actor=operator")).toEqual([
      "key.created",
      "key.created",
      "account.created",
    ]);
    expect(await found("actor=system")).toEqual([]);
    expect(await found("action=sim")).toEqual(["sim.changed", "sim.created"]);
    expect(await found("action=sim.created")).toEqual(["sim.created"]);
    expect(await found(`sim_id=${sim}&action=sim.changed`)).toEqual(["sim.changed"]);
    expect(await found(`actor=operator&sim_id=${sim}`)).toEqual([]);
    const at = all[2]?.time ?? "";
    const since = all.filter(({ time }) => time >= at);
    expect(await found(`since=${at}`)).toEqual(actions(since));
    expect(await found(`until=${at}`)).toEqual(actions(all.slice(since.length)));
    expect(await found(`since=${at}&until=${at}`)).toEqual([]);
  });

  it.each([
    ["actor=nobody", "actor_invalid"],
    ["action=sims", "action_invalid"],
    ["action=sim.", "action_invalid"],
    ["action=*", "action_invalid"],
    ["sim_id=1", "sim_id_invalid"],
    ["since=yesterday", "since_invalid"],
    ["until=2026-02-30", "until_invalid"],
    ["since=2026-02-02T00:00:00Z&until=2026-02-01T00:00:00Z", "until_invalid"],
    ["limit=1001", "limit_invalid"],
    ["format=csv", "format_invalid"],
    ["next_page=x", "next_page_invalid"],
  ] as const)("that are wrong: %s", async (query, code) => {
    const acme = await givenAccount();
    expect(await acme.call("GET", `/audit-log?${query}`)).toAnswer(400, code);
    const asked = `/operator/audit-log?account_id=${acme.id}&${query}`;
    expect(await callAsOperator("GET", asked)).toAnswer(400, code);
  });
});

describe("pages", () => {
  /** The entries of all pages; `scanned` rows are read for each. */
  async function pagesOf(db: Db, accountId: string, query: object, scanned?: number) {
    const pages: AuditEntry[][] = [];
    let next_page: number | undefined;
    for (;;) {
      const asked = { limit: 100, ...query, next_page };
      const { entries, pagination } = await listAudit(db, readerOf(accountId), asked, scanned);
      pages.push(entries);
      expect(pagination.has_more).toBe(pagination.next_page !== undefined);
      if (!pagination.next_page) return pages;
      next_page = Number(atob(pagination.next_page));
    }
  }

  it("hold each entry once, whatever their size and however little is read for one", async () => {
    const { acme } = await givenHistory();
    await Promise.all(Array.from({ length: 5 }, () => acme.givenSim()));
    const db = openPrimary(env.DB);
    const all = (await list(acme)).entries;
    expect(all).toHaveLength(11);
    for (const limit of [1, 2, 3, 10, 11, 12])
      expect((await pagesOf(db, acme.id, { limit })).flat()).toEqual(all);
    const sims = all.filter(({ action }) => action.startsWith("sim."));
    for (const scanned of [1, 2, 5, 100])
      for (const limit of [1, 3, 100]) {
        const pages = await pagesOf(db, acme.id, { limit, action: "sim" }, scanned);
        expect(pages.flat()).toEqual(sims);
      }
  });

  it("default to a hundred, and stay the same while more is logged", async () => {
    const { acme } = await givenHistory();
    const changes = Array.from({ length: 100 }, (_, n) => String(200_000_000 + n));
    for (const id of changes) await acme.call("POST", "/sim", { id });
    const first = await list(acme);
    expect(first.entries).toHaveLength(100);
    await acme.givenSim();
    const rest = await list(acme, `next_page=${first.pagination.next_page}`);
    expect(actions(rest.entries)).toContain("account.created");
    expect(rest.entries).toHaveLength(6);
  });

  it("read a bounded part of the log", async () => {
    const acme = await givenAccount();
    await env.DB.prepare(
      `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
      INSERT INTO audit_log (account_id, seq, actor, action, subject) SELECT ?, n, 'key', 'sim.changed', 'x' FROM n`,
    )
      .bind(acme.id)
      .run();
    const { counts, d1 } = countingD1();
    const db = openPrimary(d1);
    await listAudit(db, readerOf(acme.id), { limit: 10 });
    expect(counts.rowsRead).toBeLessThan(100);
    await listAudit(db, readerOf(acme.id), { limit: 10, action: "tag" }, 100);
    expect(counts.rowsRead).toBeLessThan(100 + 450);
  });
});

describe("NDJSON", () => {
  const linesOf = (text: string) => {
    if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line));
  };

  it("exports the whole period, asked for by header or by parameter", async () => {
    const { acme } = await givenHistory();
    const all = (await list(acme)).entries;
    const headers = { accept: "text/html, application/x-ndjson;q=0.9" };
    const answers = [
      await acme.call("GET", "/audit-log?limit=2", undefined, { headers }),
      await acme.call("GET", "/audit-log?format=ndjson"),
      await callAsOperator("GET", `/operator/audit-log?account_id=${acme.id}&format=ndjson`),
    ];
    for (const { status, text, headers: given } of answers) {
      expect(status).toBe(200);
      expect(given.get("content-type")).toBe("application/x-ndjson");
      expect(linesOf(text)).toEqual(all);
    }
    const some = await acme.call("GET", "/audit-log?format=ndjson&action=tag");
    expect(linesOf(some.text)).toEqual(all.filter(({ action }) => action === "tag.created"));
    expect((await acme.call("GET", "/audit-log?format=ndjson&actor=system")).text).toBe("");
    const asJson = await acme.call("GET", "/audit-log?format=json", undefined, { headers });
    expect(asJson.json.entries).toEqual(all);
  });

  it("is of the type that its caller likes better", async () => {
    const { acme } = await givenHistory();
    for (const [accept, type] of [
      ["application/json, application/x-ndjson;q=0", "application/json"],
      ["application/json;q=0.5, application/x-ndjson", "application/x-ndjson"],
      ["application/json, application/x-ndjson;q=0.9", "application/json"],
      ["application/x-ndjson;q=0", "application/json"],
      ["Application/X-NDJSON", "application/x-ndjson"],
      ["*/*", "application/json"],
    ] as const) {
      const { headers } = await acme.call("GET", "/audit-log", undefined, { headers: { accept } });
      expect([accept, headers.get("content-type")]).toEqual([accept, type]);
    }
  });

  it("refuses before it begins", async () => {
    const acme = await givenAccount();
    const wrong = await acme.call("GET", "/audit-log?format=ndjson&actor=x");
    expect(wrong).toAnswer(400, "actor_invalid");
    const nobodys = "/operator/audit-log?account_id=nobody&format=ndjson";
    expect(await callAsOperator("GET", nobodys)).toAnswer(404, "account_not_found");
  });

  it("is read page by page as it is taken, and says where to go on past its bounds", async () => {
    const { acme } = await givenHistory();
    const { counts, d1 } = countingD1();
    const db = openPrimary(d1);
    const all = (await list(acme)).entries;
    const taken = await exportAudit(db, readerOf(acme.id), { limit: 100 }, { limit: 2, pages: 2 });
    expect(counts.roundTrips).toBe(1);
    const lines = linesOf(await new Response(taken).text());
    expect(counts.roundTrips).toBe(2);
    const next_page = expect.stringMatching(/^[\w-]+$/);
    expect(lines).toEqual([...all.slice(0, 4), { next_page }]);
    const { next_page: cursor } = Object(lines.at(-1));
    const rest = await acme.call("GET", `/audit-log?format=ndjson&next_page=${cursor}`);
    expect(linesOf(rest.text)).toEqual(all.slice(4));
  });

  it("breaks off, and says so in the log, when D1 fails on the way", async () => {
    const { acme } = await givenHistory();
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    let calls = 0;
    const d1 = new Proxy(env.DB, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (name === "batch") calls += 1;
        if (calls > 1) return () => Promise.reject(new Error("D1_ERROR: the test says no"));
        return member.bind(target);
      },
    });
    const taken = await exportAudit(
      openPrimary(d1),
      readerOf(acme.id),
      { limit: 100 },
      { limit: 2 },
    );
    await expect(new Response(taken).text()).rejects.toThrow(/./);
    expect(log.mock.calls.join()).toContain("export broken off");
  });
});
