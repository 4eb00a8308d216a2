import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import { type GivenAccount, givenAccount } from "../../support/given-account";

const SIMS = 3000;
const TAGS = 100;

/** An account with so many SIMs, all alike, and tags. */
async function givenFleet(): Promise<GivenAccount> {
  const acme = await givenAccount();
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)`;
  await env.DB.batch([
    env.DB.prepare(
      `${numbers} INSERT INTO sims (id, account_id, active, created_at, iccid, imei, country_code)
       SELECT printf('%09d', n), ?1, 1, 0, '8945730000' || printf('%09d', n) || '0', printf('%014d0', n), 'dk' FROM numbers`,
    ).bind(acme.id, SIMS),
    env.DB.prepare(
      `${numbers} INSERT INTO tags SELECT printf('00000000-0000-4000-8000-%012d', n), ?1, 'tag ' || n, NULL, 0 FROM numbers`,
    ).bind(acme.id, TAGS),
  ]);
  return acme;
}

const TAG = "00000000-0000-4000-8000-000000000001";

it.each([
  ["GET", "/sims/000000100", undefined, 5],
  ["GET", "/sims/89457300000000001000", undefined, 6],
  ["PATCH", "/sims/000000100", { label: "x", tags: [TAG] }, 90],
  ["PATCH", "/sims/8945730000000000100", { activated: false }, 90],
  ["PUT", `/sims/000000100/tags/${TAG}`, undefined, 41],
  ["GET", "/sims?limit=1", undefined, 10],
  ["GET", "/sims/find?search=0100&limit=1", undefined, 10],
  ["GET", "/sims/find?search=000000000001000", undefined, 20],
  ["GET", "/sims?filter=country_code:se&sort=label", undefined, 10],
] as const)("%s %s reads what it answers, not the fleet", async (method, path, body, most) => {
  const acme = await givenFleet();
  await acme.call("GET", "/");
  const { counts, d1 } = countingD1();
  const answer = await acme.call(method, path, body, { env: { DB: d1 } });
  expect(answer.status).toBe(200);
  expect(counts.roundTrips).toBe(1);
  expect(counts.rowsRead).toBeLessThanOrEqual(most);
});

it.each(["", "?atomic=true", "?dry_run=true"])(
  "reads a bounded number of rows for each change of many%s",
  async (query) => {
    const acme = await givenFleet();
    await acme.call("GET", "/");
    const changes = Array.from({ length: 200 }, (_, n) => ({
      id: String(n + 1).padStart(9, "0"),
      label: `label ${n}`,
    }));
    const { counts, d1 } = countingD1();
    const { json } = await acme.call("PATCH", `/sims/bulk${query}`, changes, { env: { DB: d1 } });
    expect(json.results.every((result: object) => "sim" in result)).toBe(true);
    expect(counts.rowsRead).toBeLessThanOrEqual(60 * changes.length);
  },
);
