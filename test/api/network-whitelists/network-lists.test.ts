import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { roundTripsOf } from "../../support/counting";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const OK = { message: "OK" };
const NOBODYS = "00000000-0000-4000-8000-000000000000";
const LISTS = "/network-whitelists";
const NORDICS = [
  { mcc: "242", mnc: "01" },
  { mcc: "240", mnc: null },
  { mcc: "238", mnc: "020" },
];

it("makes a network list and reads it back", async () => {
  const acme = await givenAccount();
  const tag = await acme.givenTag("Product A");
  const list = { name: "Nordics", networks: NORDICS, tags: [tag.id] };
  const made = { name: "Nordics", tags: [tag], networks: NORDICS };
  expect(await acme.call("POST", LISTS, list)).toAnswer(200, made);
  expect(await acme.call("GET", `${LISTS}/Nordics`)).toAnswer(200, made);
  expect(await acme.call("GET", LISTS)).toAnswer(200, [made]);
});

it("makes one without networks and tags", async () => {
  const acme = await givenAccount();
  const none = { name: "none", tags: [], networks: [] };
  expect(await acme.call("POST", LISTS, { name: "none" })).toAnswer(200, none);
});

it("lists them by name", async () => {
  const acme = await givenAccount();
  for (const name of ["b", "c", "a"]) await acme.call("POST", LISTS, { name });
  const { json } = await acme.call("GET", LISTS);
  expect(json.map(({ name }: { name: string }) => name)).toEqual(["a", "b", "c"]);
});

it("means every network of an MCC where no MNC is given, and keeps each network once", async () => {
  const acme = await givenAccount();
  const [denmark, tdc] = [{ mcc: "238" }, { mcc: "238", mnc: "01" }];
  const networks = [denmark, tdc, { ...denmark, mnc: null }, tdc, { mcc: "238", mnc: "001" }];
  const { json } = await acme.call("POST", LISTS, { name: "mine", networks });
  expect(json.networks).toEqual([
    { mcc: "238", mnc: null },
    { mcc: "238", mnc: "01" },
    { mcc: "238", mnc: "001" },
  ]);
});

it("replaces the networks or the tags as a whole, and leaves what is not named", async () => {
  const acme = await givenAccount();
  const [a, b] = [await acme.givenTag("a"), await acme.givenTag("b")];
  await acme.call("POST", LISTS, { name: "mine", networks: NORDICS, tags: [a.id] });
  const change = (patch: object) => acme.call("PATCH", `${LISTS}/mine`, patch);
  const retagged = { name: "mine", tags: [b, a], networks: NORDICS };
  expect(await change({ tags: [b.id.toUpperCase(), a.id, b.id] })).toAnswer(200, retagged);
  expect(await change({})).toAnswer(200, retagged);
  const networks = [{ mcc: "310", mnc: "410" }];
  expect(await change({ networks })).toAnswer(200, { ...retagged, networks });
  expect(await change({ networks: [], tags: [] })).toAnswer(200, {
    name: "mine",
    tags: [],
    networks: [],
  });
});

it.each([
  "Nordics & EU",
  "a/b",
  "%2F",
  "100%",
  "a?b#c",
  "a+b c",
  "æøå ☃ 😀",
  "...",
  '"\\',
  "x".repeat(100),
])("finds the list %s by its name in the path", async (name) => {
  const acme = await givenAccount();
  const path = `${LISTS}/${encodeURIComponent(name)}`;
  const list = { name, tags: [], networks: [] };
  expect(await acme.call("POST", LISTS, { name })).toAnswer(200, list);
  expect(await acme.call("GET", path)).toAnswer(200, list);
  expect(await acme.call("PATCH", path, { networks: NORDICS })).toAnswer(200, {
    ...list,
    networks: NORDICS,
  });
  expect(await acme.call("DELETE", path)).toAnswer(200, OK);
});

it("refuses what is no name, and names that no path can end in", async () => {
  const acme = await givenAccount();
  const names = [undefined, null, "", ".", "..", "a\nb", "\ud800", "x".repeat(101), 1, [], {}];
  const make = (name: unknown) => acme.call("POST", LISTS, { name });
  expect(await notRefused(names, "name_invalid", make)).toEqual([]);
  const read = (name: unknown) => acme.call("GET", `${LISTS}/${String(name)}`);
  expect(await notRefused(["a%0Ab", "x".repeat(101)], "name_invalid", read)).toEqual([]);
});

const NETWORK = { mcc: "238", mnc: "01" };
const BAD_NETWORKS = [
  null,
  "238",
  {},
  NETWORK,
  [null],
  ["23801"],
  [{}],
  [{ mnc: "01" }],
  [{ mcc: 238 }],
  [{ mcc: "23" }],
  [{ mcc: "2380" }],
  [{ mcc: "２３８" }],
  [{ mcc: null }],
  [{ mcc: "238\n" }],
  [{ mcc: "238", mnc: 1 }],
  [{ mcc: "238", mnc: "1" }],
  [{ mcc: "238", mnc: "0101" }],
  [{ mcc: "238", mnc: "" }],
  [NETWORK, { mcc: "238", mcn: "01" }],
  Array.from({ length: 1001 }, () => NETWORK),
];

it("refuses what are no networks, and stores nothing of it", async () => {
  const acme = await givenAccount();
  await acme.call("POST", LISTS, { name: "mine", networks: NORDICS });
  const before = await storedIn("network_lists");
  const make = (networks: unknown) => acme.call("POST", LISTS, { name: "new", networks });
  const change = (networks: unknown) => acme.call("PATCH", `${LISTS}/mine`, { networks });
  for (const send of [make, change])
    expect(await notRefused(BAD_NETWORKS, "networks_invalid", send)).toEqual([]);
  expect(await storedIn("network_lists")).toEqual(before);
});

it("takes 1000 networks", async () => {
  const acme = await givenAccount();
  const networks = Array.from({ length: 1000 }, (_, index) => ({
    mcc: String(200 + (index % 500)),
    mnc: index < 500 ? null : "01",
  }));
  const { status, json } = await acme.call("POST", LISTS, { name: "world", networks });
  expect(status).toBe(200);
  expect(json.networks).toEqual(networks);
});

it("refuses a field it does not know, its name among those of a change", async () => {
  const acme = await givenAccount();
  await acme.call("POST", LISTS, { name: "mine" });
  const rename = { name: "other" };
  expect(await acme.call("PATCH", `${LISTS}/mine`, rename)).toAnswer(400, {
    error: "field_unknown",
  });
  const list = { name: "new", network: [] };
  expect(await acme.call("POST", LISTS, list)).toAnswer(400, { error: "field_unknown" });
});

it("refuses what are no tags of the account, and changes nothing", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [mine, theirs] = [await acme.givenTag("mine"), await globex.givenTag("theirs")];
  await acme.call("POST", LISTS, { name: "mine", tags: [mine.id] });
  const before = await storedIn("network_lists");
  const make = (tags: unknown) => acme.call("POST", LISTS, { name: "new", tags });
  const change = (tags: unknown) =>
    acme.call("PATCH", `${LISTS}/mine`, { tags, networks: NORDICS });
  const many = Array.from({ length: 101 }, () => mine.id);
  for (const send of [make, change]) {
    expect(await notRefused([null, "x", ["x"], many], "tags_invalid", send)).toEqual([]);
    const unknown = [[NOBODYS], [theirs.id], [mine.id, theirs.id]];
    expect(await notRefused(unknown, "tag_not_found", send)).toEqual([]);
  }
  expect(await storedIn("network_lists")).toEqual(before);
});

it("keeps a list while a SIM of the account has it", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  for (const account of [acme, globex]) await account.call("POST", LISTS, { name: "mine" });
  const sim = await acme.givenSim();
  const setList = (name: string | null) =>
    env.DB.prepare("UPDATE sims SET network_list = ? WHERE id = ?").bind(name, sim).run();
  await setList("mine");
  const remove = () => acme.call("DELETE", `${LISTS}/mine`);
  expect(await remove()).toAnswer(409, "network_whitelist_in_use");
  expect(await globex.call("DELETE", `${LISTS}/mine`)).toAnswer(200, OK);
  await setList(null);
  expect(await remove()).toAnswer(200, OK);
  expect(await remove()).toAnswer(404, "network_whitelist_not_found");
});

it("knows no list that is not there", async () => {
  const acme = await givenAccount();
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const body = method === "PATCH" ? { tags: [NOBODYS] } : undefined;
    const answer = await acme.call(method, `${LISTS}/mine`, body);
    expect(answer).toAnswer(404, "network_whitelist_not_found");
  }
});

it("looks at what exists before what is taken", async () => {
  const acme = await givenAccount();
  const list = { name: "mine" };
  await acme.call("POST", LISTS, list);
  expect(await acme.call("POST", LISTS, list)).toAnswer(409, "name_conflict");
  expect(await acme.call("POST", LISTS, { ...list, tags: [NOBODYS] })).toAnswer(
    404,
    "tag_not_found",
  );
});

it("makes one list of a name that is made ten times at once", async () => {
  const acme = await givenAccount();
  const networks = (index: number) => [{ mcc: "238", mnc: `0${index}` }];
  const making = Array.from({ length: 10 }, (_, index) =>
    acme.call("POST", LISTS, { name: "mine", networks: networks(index) }),
  );
  const answers = await Promise.all(making);
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(answers.filter(({ json }) => json.error === "name_conflict")).toHaveLength(9);
  expect((await acme.call("GET", LISTS)).json).toEqual([won[0]?.json]);
});

it("asks the database once a call", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenTag("mine");
  expect(await roundTripsOf(acme, "POST", LISTS, { name: "mine", tags: [id] })).toBe(1);
  expect(await roundTripsOf(acme, "GET", LISTS)).toBe(1);
  expect(await roundTripsOf(acme, "GET", `${LISTS}/mine`)).toBe(1);
  expect(await roundTripsOf(acme, "PATCH", `${LISTS}/mine`, { tags: [] })).toBe(1);
  expect(await roundTripsOf(acme, "DELETE", `${LISTS}/mine`)).toBe(1);
});
