import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { forgetAll } from "../../../src/access/find-key";
import { callAsOperator } from "../../support/call";
import { asGivenKey } from "../../support/given-account";
import { givenNorth } from "../../support/given-north";
import { createKey } from "../../../src/api/keys/queries";
import { openPrimary } from "../../../src/db/client";
import { notRefused } from "../../support/refusals";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ALL = { name: "x", scopes: ["*"] };

it("makes keys narrowed to tags, by their ids or as they were read", async () => {
  const { acme, north, south } = await givenNorth();
  const [tag] = (await acme.call("GET", "/tags/search/tags")).json.result;
  for (const [tags, shown] of [
    [
      [north, south.toUpperCase(), north],
      [north, south],
    ],
    [[tag], [north]],
    [[], []],
    [null, null],
  ]) {
    const made = await acme.call("POST", "/keys", { ...ALL, tags });
    expect(made.json).toMatchObject({ tags: shown });
    expect((await acme.call("GET", "/keys")).json).toContainEqual(
      expect.objectContaining({ id: made.json.id, tags: shown }),
    );
  }
});

it("refuses tags of no form, and those that the account does not have", async () => {
  const { acme, key } = await givenNorth();
  const foreign = (await givenNorth()).north;
  const wrong = ["", "north", [1], [null], ["north"], {}, Array(101).fill(UNKNOWN)];
  const post = (tags: unknown) => acme.call("POST", "/keys", { ...ALL, tags });
  expect(await notRefused(wrong, "tags_invalid", post)).toEqual([]);
  const operators = `/operator/accounts/${acme.id}/keys`;
  for (const id of [UNKNOWN, foreign]) {
    expect(await post([id])).toAnswer(404, "tag_not_found");
    const patched = await acme.call("PATCH", `/keys/${key.id}`, { tags: [id] });
    expect(patched).toAnswer(404, "tag_not_found");
    const made = await callAsOperator("POST", operators, { name: "x", tags: [id] });
    expect(made).toAnswer(404, "tag_not_found");
  }
  const nobody = await callAsOperator("POST", `/operator/accounts/${UNKNOWN}/keys`, { name: "x" });
  expect(nobody).toAnswer(404, "account_not_found");
});

it("lets a narrowed key give no tag that it lacks", async () => {
  const { north, south, key } = await givenNorth();
  for (const tags of [null, undefined, [south], [north, south], [UNKNOWN]])
    expect(await key.call("POST", "/keys", { ...ALL, tags })).toAnswer(403, "grant_forbidden");
  const own = await key.call("PATCH", `/keys/${key.id}`, { tags: [north, south] });
  expect(own).toAnswer(403, "grant_forbidden");
  for (const tags of [[north], []])
    expect((await key.call("POST", "/keys", { ...ALL, tags })).json).toMatchObject({ tags });
});

it("shows and gives a narrowed key only those keys that reach no more than itself", async () => {
  const { acme, north, south, key } = await givenNorth();
  const [both, southern] = [
    await acme.givenKey({ tags: [north, south] }),
    await acme.givenKey({ tags: [south] }),
  ];
  const peer = await acme.givenKey({ tags: [north] });
  const listed = (await key.call("GET", "/keys")).json.map(({ id }: { id: string }) => id);
  expect(listed).toEqual([key.id, peer.id]);
  for (const id of [both.id, southern.id, acme.keyId]) {
    expect(await key.call("PATCH", `/keys/${id}`, { name: "y" })).toAnswer(404, "key_not_found");
    expect(await key.call("DELETE", `/keys/${id}`)).toAnswer(404, "key_not_found");
    expect(await key.call("POST", `/keys/${id}/rotate`)).toAnswer(404, "key_not_found");
  }
  expect(await key.call("DELETE", `/keys/${peer.id}`)).toAnswer(200);
});

it("leaves one key that may change all keys", async () => {
  const { acme, north, south, key } = await givenNorth();
  const own = `/keys/${acme.keyId}`;
  expect(await acme.call("DELETE", own)).toAnswer(409, "last_key");
  expect(await acme.call("PATCH", own, { tags: [north, south] })).toAnswer(409, "last_key");
  expect(await key.call("DELETE", `/keys/${key.id}`)).toAnswer(200);
});

it("counts a change of tags at once, and after a rotation too", async () => {
  const { acme, north, south, key } = await givenNorth();
  const sim = await acme.givenSim();
  await acme.call("PUT", `/sims/${sim}/tags/${south}`);
  expect(await key.call("GET", `/sims/${sim}`)).toAnswer(404, "sim_not_found");
  await acme.call("PATCH", `/keys/${key.id}`, { tags: [north, south] });
  expect((await key.call("GET", `/sims/${sim}`)).status).toBe(200);
  await acme.call("PATCH", `/keys/${key.id}`, { tags: [north] });
  forgetAll();
  expect(await key.call("GET", `/sims/${sim}`)).toAnswer(404, "sim_not_found");
  const rotated = await acme.call("POST", `/keys/${key.id}/rotate`);
  expect(rotated.json).toMatchObject({ tags: [north], previous: { tags: [north] } });
  const next = asGivenKey(rotated.json);
  expect(await next.call("GET", `/sims/${sim}`)).toAnswer(404, "sim_not_found");
});

it("keeps a tag while a key is narrowed to it, so that none widens by its end", async () => {
  const { acme, north, key } = await givenNorth();
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(409, "tag_in_use");
  await acme.call("DELETE", `/keys/${key.id}`);
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(200);
});

it("makes no wider key for one that was narrowed after it was read", async () => {
  const { acme, north, south } = await givenNorth();
  const key = await acme.givenKey({ tags: [north, south] });
  const narrow = env.DB.prepare("UPDATE api_keys SET tags = ? WHERE id = ?");
  const meanwhile = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        await narrow.bind(JSON.stringify([north]), key.id).run();
        return target.batch(statements);
      };
    },
  });
  const wide = { ...ALL, scopes: ["*" as const], expires_at: null, allowed_ips: [] };
  const caller = { keyId: key.id, accountId: acme.id };
  const made = createKey(openPrimary(meanwhile), caller, { ...wide, tags: [north, south] });
  await expect(made).rejects.toThrow("grant_forbidden");
});

it("keeps a tag in use as long as a key is listed that has it, and no longer", async () => {
  const { acme, north, key } = await givenNorth();
  const { json: next } = await acme.call("POST", `/keys/${key.id}/rotate`, { overlap_seconds: 0 });
  await acme.call("DELETE", `/keys/${next.id}`);
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(409, "tag_in_use");
  await env.DB.prepare("UPDATE api_keys SET expires_at = expires_at - 86400000 WHERE id = ?")
    .bind(key.id)
    .run();
  expect((await acme.call("GET", "/keys")).json).toHaveLength(1);
  expect(await acme.call("DELETE", `/tags/${north}`)).toAnswer(200);
});
