import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { roundTripsOf } from "../../support/counting";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const OK = { message: "OK" };
const NOBODYS = "00000000-0000-4000-8000-000000000000";
const LIST = "/tags/search/tags";

const BAD_NAMES = [undefined, null, "", "a\nb", "\ud800", "x".repeat(101), 1, [], {}];
const BAD_COLORS = ["", "red", "#fff", "#5ba57", "#5ba5711", "5ba571", "#5ba57g", 1, [], {}];

it("makes a tag and lists it", async () => {
  const acme = await givenAccount();
  const { status, json } = await acme.call("POST", "/tags", {
    name: "Røgalarm ☃",
    color: "#5BA571",
  });
  expect([status, Object.keys(json)]).toEqual([200, ["name", "id", "can_write", "color"]]);
  expect(json).toEqual({
    name: "Røgalarm ☃",
    id: expect.stringMatching(/^[-0-9a-f]{36}$/),
    can_write: true,
    color: "#5ba571",
  });
  expect(await acme.call("GET", LIST)).toAnswer(200, {
    count: 1,
    limit: 1000,
    offset: 0,
    total: 1,
    result: [json],
  });
});

it("gives a tag no colour unless told", async () => {
  const acme = await givenAccount();
  expect((await acme.givenTag("plain")).color).toBe(null);
  expect((await acme.call("POST", "/tags", { name: "x", color: null })).json.color).toBe(null);
});

it("lists tags by name, page by page", async () => {
  const acme = await givenAccount();
  for (const name of ["c", "a", "e", "b", "d"]) await acme.givenTag(name);
  const page = async (query: string) => {
    const { json } = await acme.call("GET", `${LIST}?${query}`);
    const names = json.result.map(({ name }: { name: string }) => name).join("");
    return [names, json.count, json.limit, json.offset, json.total];
  };
  expect(await page("limit=2")).toEqual(["ab", 2, 2, 0, 5]);
  expect(await page("limit=2&offset=2")).toEqual(["cd", 2, 2, 2, 5]);
  expect(await page("limit=2&offset=4")).toEqual(["e", 1, 2, 4, 5]);
  expect(await page("offset=5")).toEqual(["", 0, 1000, 5, 5]);
});

it("refuses a page that is none", async () => {
  const acme = await givenAccount();
  const ask = (query: unknown) => acme.call("GET", `${LIST}?${String(query)}`);
  const limits = ["limit=0", "limit=1001", "limit=-1", "limit=x", "limit=1.5", "limit=1&limit=2"];
  expect(await notRefused(limits, "limit_invalid", ask)).toEqual([]);
  const offsets = ["offset=-1", "offset=x", "offset=1.5", "offset=9999999999", "offset="];
  expect(await notRefused(offsets, "offset_invalid", ask)).toEqual([]);
});

it("changes what is named, and leaves the rest", async () => {
  const acme = await givenAccount();
  const tag = await acme.givenTag("old");
  const change = (patch: object) => acme.call("PATCH", `/tags/${tag.id}`, patch);
  expect(await change({ name: "new" })).toAnswer(200, { ...tag, name: "new" });
  const red = { ...tag, name: "new", color: "#ff0000" };
  expect(await change({ color: "#FF0000" })).toAnswer(200, red);
  expect(await change({})).toAnswer(200, red);
  expect(await change({ name: "new" })).toAnswer(200, red);
  expect(await change({ color: null })).toAnswer(200, { ...tag, name: "new" });
});

it("shows a tag's new name on what carries it", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenTag("old");
  await acme.call("POST", "/network-whitelists", { name: "Nordics", tags: [id] });
  await acme.call("PATCH", `/tags/${id}`, { name: "new" });
  const { json } = await acme.call("GET", "/network-whitelists/Nordics");
  expect(json.tags).toEqual([{ name: "new", id, can_write: true, color: null }]);
});

it("deletes a tag", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenTag("old");
  expect(await acme.call("DELETE", `/tags/${id}`)).toAnswer(200, OK);
  expect(await acme.call("DELETE", `/tags/${id}`)).toAnswer(404, "tag_not_found");
  expect(await acme.call("PATCH", `/tags/${id}`, { name: "x" })).toAnswer(404, "tag_not_found");
  expect((await acme.call("GET", LIST)).json.total).toBe(0);
});

it("refuses a name that another tag of the account has, to a letter", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await acme.givenTag("drones");
  const other = await acme.givenTag("Drones");
  expect(await acme.call("POST", "/tags", { name: "drones" })).toAnswer(409, "name_conflict");
  const change = { name: "drones", color: "#ff0000" };
  expect(await acme.call("PATCH", `/tags/${other.id}`, change)).toAnswer(409, "name_conflict");
  expect((await acme.call("GET", LIST)).json.result).toContainEqual(other);
  expect((await globex.call("POST", "/tags", { name: "drones" })).status).toBe(200);
});

it("makes one tag of a name that is made ten times at once", async () => {
  const acme = await givenAccount();
  const making = Array.from({ length: 10 }, () => acme.call("POST", "/tags", { name: "drones" }));
  const answers = await Promise.all(making);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ json }) => json.error === "name_conflict")).toHaveLength(9);
  expect(await storedIn("tags")).toHaveLength(1);
});

describe("what carries a tag keeps it", () => {
  const url = "https://receiver.acme.com/";
  const https = { type: "https", options: { url } };
  const carriers: [what: string, path: string, body: object, key: string][] = [
    ["a connector", "/connectors", { name: "mine", ...https }, "name"],
    ["a network list", "/network-whitelists", { name: "mine" }, "name"],
    ["a webhook", "/webhooks", { url }, "id"],
  ];

  it.each(carriers)("%s", async (_, path, body, key) => {
    const acme = await givenAccount();
    const [spare, tag] = [await acme.givenTag("spare"), await acme.givenTag("carried")];
    const { json } = await acme.call("POST", path, { ...body, tags: [spare.id, tag.id] });
    expect(json.tags).toEqual([spare, tag]);
    expect(await acme.call("DELETE", `/tags/${tag.id}`)).toAnswer(409, "tag_in_use");
    const left = await acme.call("PATCH", `${path}/${json[key]}`, { tags: [spare.id] });
    expect(left.json.tags).toEqual([spare]);
    expect(await acme.call("DELETE", `/tags/${tag.id}`)).toAnswer(200, OK);
  });

  it("a SIM", async () => {
    const acme = await givenAccount();
    const { id } = await acme.givenTag("carried");
    await setTagsOfSim(acme, [id]);
    expect(await acme.call("DELETE", `/tags/${id}`)).toAnswer(409, "tag_in_use");
    await setTagsOfSim(acme, []);
    expect(await acme.call("DELETE", `/tags/${id}`)).toAnswer(200, OK);
  });
});

/** Makes a SIM where there is none, and gives it the tags. */
async function setTagsOfSim(account: GivenAccount, ids: string[]): Promise<void> {
  if ((await storedIn("sims")).length === 0) await account.givenSim();
  await env.DB.prepare("UPDATE sims SET tags = ?").bind(JSON.stringify(ids)).run();
}

it("lets an account have 500 tags, also when the last ones are made at once", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 498)
     INSERT INTO tags (id, account_id, name, created_at) SELECT 'tag-' || i, ?, 'tag-' || i, 0 FROM n`,
  )
    .bind(acme.id)
    .run();
  const making = ["a", "b", "c", "d"].map((name) => acme.call("POST", "/tags", { name }));
  const codes = (await Promise.all(making)).map(({ json }) => json.error);
  expect(codes.filter((code) => code === undefined)).toHaveLength(2);
  expect(codes.filter((code) => code === "tag_limit_reached")).toHaveLength(2);
  expect(await acme.call("POST", "/tags", { name: "tag-1" })).toAnswer(409, "name_conflict");
  expect((await globex.call("POST", "/tags", { name: "a" })).status).toBe(200);
});

it("refuses what is no name and no colour, and stores nothing of it", async () => {
  const acme = await givenAccount();
  const tag = await acme.givenTag("old");
  const make = (change: object) => acme.call("POST", "/tags", { name: "new", ...change });
  const change = (patch: object) => acme.call("PATCH", `/tags/${tag.id}`, patch);
  const isGiven = (value: unknown) => value !== undefined;
  for (const [send, names] of [
    [make, BAD_NAMES],
    [change, BAD_NAMES.filter(isGiven)],
  ] as const) {
    expect(await notRefused(names, "name_invalid", (name) => send({ name }))).toEqual([]);
    expect(await notRefused(BAD_COLORS, "color_invalid", (color) => send({ color }))).toEqual([]);
    expect(await send({ id: NOBODYS })).toAnswer(400, { error: "field_unknown" });
    expect(await send({ colour: "#ff0000" })).toAnswer(400, { error: "field_unknown" });
  }
  expect((await acme.call("GET", LIST)).json.result).toEqual([tag]);
});

it("refuses an id that is none, and one that nobody has", async () => {
  const acme = await givenAccount();
  for (const id of ["x", "1", "%20", `${NOBODYS}0`])
    for (const method of ["PATCH", "DELETE"])
      expect(await acme.call(method, `/tags/${id}`, { name: "x" })).toAnswer(400, "id_invalid");
  for (const method of ["PATCH", "DELETE"])
    expect(await acme.call(method, `/tags/${NOBODYS}`, { name: "x" })).toAnswer(
      404,
      "tag_not_found",
    );
});

it("asks the database once a call", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenTag("old");
  expect(await roundTripsOf(acme, "GET", LIST)).toBe(1);
  expect(await roundTripsOf(acme, "POST", "/tags", { name: "new" })).toBe(1);
  expect(await roundTripsOf(acme, "PATCH", `/tags/${id}`, { name: "newer" })).toBe(1);
  expect(await roundTripsOf(acme, "DELETE", `/tags/${id}`)).toBe(1);
});
