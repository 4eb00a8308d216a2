import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { countingD1 } from "../../support/counting";
import type { GivenKey } from "../../support/given-account";
import { givenMany, givenNorth } from "../../support/given-north";

async function costOf(key: GivenKey, path: string) {
  await key.call("GET", "/");
  const { counts, d1 } = countingD1();
  expect((await key.call("GET", path, undefined, { env: { DB: d1 } })).status).toBe(200);
  return counts;
}

it("a page of the feed costs a key of a hundred tags what it costs a key of one", async () => {
  const { acme, south, key, givenTagged } = await givenNorth();
  const other = await givenTagged([south]);
  const tags: string[] = [];
  for (let n = 0; n < 100; n += 1) tags.push((await acme.givenTag(`tag ${n}`)).id);
  const hundred = await acme.givenKey({ tags });
  const events = Array.from({ length: 200 }, (_, n) => ({ id: `e${n}`, sim_id: other }));
  await env.DB.prepare("INSERT INTO event_feed VALUES (?, ?, ?)")
    .bind(acme.id, Date.now(), JSON.stringify(events))
    .run();
  const [one, many] = [await costOf(key, "/events"), await costOf(hundred, "/events")];
  expect(many.roundTrips).toBe(1);
  // The list of tags itself is read once a batch.
  expect(many.rowsRead).toBeLessThan(one.rowsRead + 200);
});

it("SIMs of another's tag are not gone through for a key that has few", async () => {
  const { acme, south, key, givenTagged, north } = await givenNorth();
  await givenMany(acme.id, south, 3000);
  const shared = await givenTagged([south, north]);
  const path = `/sims?filter=tag:${south}`;
  const { sims, pagination } = (await key.call("GET", path)).json;
  expect(sims.map(({ id }: { id: string }) => id)).toEqual([shared]);
  expect(pagination).toEqual({ has_more: false });
  expect((await costOf(key, path)).rowsRead).toBeLessThan(50);
});

it("a key that has few SIMs finds each of them, however many others are named alike", async () => {
  const { acme, south, key, givenTagged, north } = await givenNorth();
  await givenMany(acme.id, south, 5001, 50_000_000);
  const own = await givenTagged([north], "secret-of-the-north");
  const path = "/sims/find?search=secret";
  expect((await key.call("GET", path)).json).toEqual([expect.objectContaining({ id: own })]);
  expect((await costOf(key, path)).rowsRead).toBeLessThan(50);
});
