import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { PAGE_BYTES } from "../../../src/http/page-bytes";
import { type Answer, callAsOperator } from "../../support/call";
import { type GivenAccount, givenAccount } from "../../support/given-account";

/** What a list's pages are made of beside their rows. */
const FRAME = 200;

const NUMBERS =
  "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)";
const tagId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const HUNDRED_TAGS = JSON.stringify(Array.from({ length: 100 }, (_, n) => tagId(n + 1)));

/** Inserts `count` rows by a SELECT of `n`, `?1` being the account. */
function fill(account: GivenAccount, count: number, insert: string, ...values: unknown[]) {
  return env.DB.prepare(`${NUMBERS} ${insert} FROM numbers`)
    .bind(account.id, count, ...values)
    .run();
}

/** A hundred tags whose names are as long as names may be. */
async function givenLongTags(acme: GivenAccount): Promise<void> {
  const insert =
    "INSERT INTO tags SELECT printf('00000000-0000-4000-8000-%012d', n), ?1, printf('%03d', n) || ?3, NULL, 0";
  await fill(acme, 100, insert, "\u{1f6f0}".repeat(97));
}

const bytesIn = ({ text }: Answer) => new TextEncoder().encode(text).byteLength;

/** The path of the page that a bare array's `Link` leads to. */
function nextIn({ headers }: Answer): string | undefined {
  const next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
  return next?.replace("https://api.example.com", "");
}

/** The items of all pages, none of which is larger than a page may be. */
async function walk(
  read: (path: string) => Promise<Answer>,
  path: string,
  pageOf: (answer: Answer) => { items: object[]; next: string | undefined },
): Promise<{ items: object[]; pages: number }> {
  const items: object[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages += 1) {
    const answer: Answer = await read(next);
    expect(answer.status).toBe(200);
    expect(bytesIn(answer)).toBeLessThanOrEqual(PAGE_BYTES + FRAME);
    const page = pageOf(answer);
    items.push(...page.items);
    next = page.next;
  }
  return { items, pages };
}

const arrayOf = (answer: Answer) => {
  const items: object[] = answer.json;
  return { items, next: nextIn(answer) };
};

it("a page of connectors ends by bytes, and Link leads to the next one", async () => {
  const acme = await givenAccount();
  await givenLongTags(acme);
  const insert = `INSERT INTO connectors (account_id, id, type, options, passthrough, secrets, tags, created_at)
    SELECT ?1, printf('connector-%03d', n), 'https', '{"url":"https://sink.example.com/"}', '[]', '{}', ?3, n / 10`;
  await fill(acme, 150, insert, HUNDRED_TAGS);
  const read = (path: string) => acme.call("GET", path);
  const { items, pages } = await walk(read, "/connectors", arrayOf);
  const names = Array.from(
    { length: 150 },
    (_, n) => `connector-${String(n + 1).padStart(3, "0")}`,
  );
  expect(items).toMatchObject(names.map((name) => ({ name })));
  expect(pages).toBeGreaterThan(1);
  const small = await walk(read, "/connectors?limit=60", arrayOf);
  expect([small.items.length, small.pages]).toEqual([150, 3]);
});

it("a page of network lists ends by bytes, and Link leads to the next one", async () => {
  const acme = await givenAccount();
  const networks = Array.from({ length: 1000 }, (_, n) => ({
    mcc: String(100 + (n % 900)),
    mnc: "01",
  }));
  const insert = `INSERT INTO network_lists (account_id, name, networks, created_at)
    SELECT ?1, printf('list-%03d', n), ?3, n`;
  await fill(acme, 300, insert, JSON.stringify(networks));
  const read = (path: string) => acme.call("GET", path);
  const { items, pages } = await walk(read, "/network-whitelists", arrayOf);
  const names = Array.from({ length: 300 }, (_, n) => `list-${String(n + 1).padStart(3, "0")}`);
  expect(items).toMatchObject(names.map((name) => ({ name })));
  expect(pages).toBeGreaterThan(1);
});

it("a page of the audit log ends by bytes, with a filter and as lines, too", async () => {
  const acme = await givenAccount();
  const insert = `INSERT INTO audit_log (account_id, seq, actor, action, subject, before, after)
    SELECT ?1, 1800000000000000 + n, 'system', iif(n % 2, 'tag.changed', 'tag.deleted'), 'tag ' || n, ?3, ?3`;
  await fill(acme, 200, insert, JSON.stringify({ name: "x".repeat(50_000) }));
  const read = (path: string) => acme.call("GET", path);
  const walkLog = (query: string) =>
    walk(read, `/audit-log?${query}`, ({ json: { entries, pagination } }) => ({
      items: entries,
      next: pagination.has_more
        ? `/audit-log?${query}&next_page=${pagination.next_page}`
        : undefined,
    }));
  const all = await walkLog("limit=1000&actor=system");
  expect(all.items).toMatchObject(
    Array.from({ length: 200 }, (_, n) => ({ subject: `tag ${200 - n}` })),
  );
  expect((await walkLog("limit=1000&action=tag.deleted")).items).toHaveLength(100);
  const { text } = await acme.call("GET", "/audit-log?format=ndjson&action=tag");
  const subjects = text
    .trimEnd()
    .split("\n")
    .map((line): string => JSON.parse(line).subject);
  expect(subjects).toEqual(all.items.map((entry) => Reflect.get(entry, "subject")));
});

/** An account with SIMs that each carry a hundred tags with long names: 50 KB a SIM. */
async function givenTaggedFleet(sims: number): Promise<GivenAccount> {
  const acme = await givenAccount();
  await givenLongTags(acme);
  const insert = `INSERT INTO sims (id, account_id, alias, active, created_at, tags)
    SELECT printf('%09d', n), ?1, 'drone ' || n, 1, 0, ?3`;
  await fill(acme, sims, insert, HUNDRED_TAGS);
  return acme;
}

it.each(["", "&sort=-label", "&filter=activated:true&sort=label"])(
  "a page of SIMs ends by bytes: /sims?limit=1000%s",
  async (query) => {
    const acme = await givenTaggedFleet(250);
    const path = `/sims?limit=1000${query}`;
    const { items, pages } = await walk(
      (next) => acme.call("GET", next),
      path,
      ({ json: { sims, pagination } }) => ({
        items: sims,
        next: pagination.has_more ? `${path}&next_page=${pagination.next_page}` : undefined,
      }),
    );
    expect(new Set(items.map((sim) => Reflect.get(sim, "id"))).size).toBe(250);
    expect(items).toHaveLength(250);
    expect(pages).toBeGreaterThan(2);
  },
);

it("what a piece finds ends by bytes", async () => {
  const acme = await givenTaggedFleet(250);
  const found = await acme.call("GET", "/sims/find?search=drone&limit=1000");
  expect(bytesIn(found)).toBeLessThanOrEqual(PAGE_BYTES);
  expect(found.json.length).toBeGreaterThan(50);
});

it("a bulk change answers for each change, and leaves SIMs out where they would be too large", async () => {
  const acme = await givenTaggedFleet(200);
  const ids = Array.from({ length: 200 }, (_, n) => String(n + 1).padStart(9, "0"));
  const changes = ids.map((id) => ({ id, activated: false }));
  const answer = await acme.call("PATCH", "/sims/bulk", changes);
  expect(bytesIn(answer)).toBeLessThanOrEqual(PAGE_BYTES + 100 * ids.length);
  const { results }: { results: { id: string; sim: object | null }[] } = answer.json;
  expect(results.map(({ id }) => id)).toEqual(ids);
  expect(results[0]?.sim).toMatchObject({ activated: false });
  expect(results.at(-1)).toEqual({ index: 199, id: "000000200", sim: null });
  const last = await acme.call("GET", "/sims/000000200");
  expect(last.json.activated).toBe(false);
});

it("the operator lists the keys of an account that made very many", async () => {
  const acme = await givenAccount();
  const insert = `INSERT INTO api_keys (id, account_id, name, hash, created_at, revoked_at, tags)
    SELECT printf('key-%04d', n), ?1, 'given', 'hash ' || n, 1000 + n / 10, 1, ?3`;
  await fill(acme, 1500, insert, HUNDRED_TAGS);
  const path = `/operator/accounts/${acme.id}/keys`;
  const { items, pages } = await walk(
    (next) => callAsOperator("GET", next),
    path,
    ({ json: { keys, pagination } }) => ({
      items: keys,
      next: pagination.has_more ? `${path}?next_page=${pagination.next_page}` : undefined,
    }),
  );
  expect(new Set(items.map((one) => Reflect.get(one, "id"))).size).toBe(1501);
  expect(pages).toBeGreaterThan(1);
});
