import { expect, it } from "vitest";
import { roundTripsOf } from "../../support/counting";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const OK = { message: "OK" };
const NOBODYS = "00000000-0000-4000-8000-000000000000";
const UNSET = { is_set: false, last_updated_at: null };
const HTTPS = { type: "https", options: { url: "https://sink.example.com/" } };
const MINE = { name: "mine", ...HTTPS };
const PATH = "/connectors/mine";

it("makes the connector that the fleet API's documentation makes", async () => {
  const acme = await givenAccount();
  const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
  const options = { host: "123.123.123.123", port: 443, server_name: "foobar.example.com" };
  const passthrough = [{ protocol: "udp", ip: "1.1.1.1", port: 53 }];
  const connector = { name: "my-tls-connector", type: "tls", tags: [], passthrough };
  const made = await acme.call("POST", "/connectors", {
    ...connector,
    options: { ...options, key },
  });
  const last_updated_at: string = made.json.meta.key.last_updated_at;
  expect(made).toAnswer(200, {
    name: "my-tls-connector",
    type: "tls",
    passthrough,
    tags: [],
    options,
    meta: { ca: UNSET, cert: UNSET, key: { is_set: true, last_updated_at } },
  });
  expect(last_updated_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(await acme.call("GET", "/connectors/my-tls-connector")).toAnswer(200, made.json);
  expect(await acme.call("GET", "/connectors")).toAnswer(200, [made.json]);
});

it("lists the connectors oldest first, those of the classic API among them", async () => {
  const acme = await givenAccount();
  // Two that are made within a millisecond go by name.
  const later = () => scheduler.wait(2);
  await acme.call("POST", "/connectors", { ...MINE, name: "zzz" });
  await later();
  await acme.call("POST", "/connector", { id: "mmm", ...HTTPS });
  await later();
  await acme.call("POST", "/connectors", { ...MINE, name: "aaa" });
  const { json } = await acme.call("GET", "/connectors");
  expect(json.map(({ name }: { name: string }) => name)).toEqual(["zzz", "mmm", "aaa"]);
});

it("is the same connector in both dialects", async () => {
  const acme = await givenAccount();
  const tag = await acme.givenTag("Supplier");
  await acme.call("POST", "/connectors", { ...MINE, tags: [tag.id] });
  const meta = { authorization: UNSET };
  expect(await acme.call("GET", "/connector?id=mine")).toAnswer(200, {
    id: "mine",
    ...HTTPS,
    passthrough: [],
    meta,
  });
  const options = { url: "https://other.example.com/" };
  await acme.call("PUT", "/connector", { id: "mine", type: "https", options });
  const replaced = { name: "mine", type: "https", passthrough: [], tags: [tag], options, meta };
  expect(await acme.call("GET", PATH)).toAnswer(200, replaced);
  expect(await acme.call("POST", "/connector", { id: "mine", ...HTTPS })).toAnswer(
    409,
    "id_conflict",
  );
  expect(await acme.call("POST", "/connectors", MINE)).toAnswer(409, "name_conflict");
  expect(await acme.call("DELETE", "/connector?id=mine")).toAnswer(200, OK);
  expect(await acme.call("GET", PATH)).toAnswer(404, "connector_not_found");
});

it("replaces the passthrough or the tags as a whole, and leaves what is not named", async () => {
  const acme = await givenAccount();
  const [a, b] = [await acme.givenTag("a"), await acme.givenTag("b")];
  const passthrough = [{ protocol: "tcp", ip: "192.0.2.1", port: 80 }];
  const { json } = await acme.call("POST", "/connectors", { ...MINE, passthrough, tags: [a.id] });
  const change = (patch: object) => acme.call("PATCH", PATH, patch);
  expect(await change({})).toAnswer(200, json);
  expect(await change({ tags: [b.id, a.id, b.id] })).toAnswer(200, { ...json, tags: [b, a] });
  const other = [{ protocol: "udp", ip: "2001:db8::1", port: 53 }];
  expect(await change({ passthrough: other })).toAnswer(200, {
    ...json,
    passthrough: other,
    tags: [b, a],
  });
  expect(await change({ passthrough: [], tags: [] })).toAnswer(200, {
    ...json,
    passthrough: [],
    tags: [],
  });
});

it("takes back what it answered, without a change", async () => {
  const acme = await givenAccount();
  const options = { ...HTTPS.options, authorization: "hush" };
  const { json } = await acme.call("POST", "/connectors", { ...MINE, options });
  const { name: _, ...back } = json;
  expect(await acme.call("PATCH", PATH, back)).toAnswer(200, json);
  const copy = await acme.call("POST", "/connectors", { ...json, name: "copy" });
  expect(copy).toAnswer(200, { ...json, name: "copy", meta: { authorization: UNSET } });
});

it("keeps a connector while a SIM uses it, whichever dialect said so", async () => {
  const acme = await givenAccount();
  await acme.call("POST", "/connectors", MINE);
  const id = await acme.givenSim({ connector: "mine" });
  expect(await acme.call("DELETE", PATH)).toAnswer(409, "connector_in_use");
  await acme.call("PUT", "/sim", { id });
  expect(await acme.call("DELETE", PATH)).toAnswer(200, OK);
  expect(await acme.call("DELETE", PATH)).toAnswer(404, "connector_not_found");
});

it("knows no connector that is not there", async () => {
  const acme = await givenAccount();
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const body = method === "PATCH" ? { type: "tls", tags: [NOBODYS] } : undefined;
    expect(await acme.call(method, PATH, body)).toAnswer(404, "connector_not_found");
  }
});

it("refuses what is no name", async () => {
  const acme = await givenAccount();
  const names = [undefined, null, "", "ab", "a".repeat(256), "my connector", "a/b/c", "ænø", 123];
  const make = (name: unknown) => acme.call("POST", "/connectors", { ...HTTPS, name });
  expect(await notRefused(names, "name_invalid", make)).toEqual([]);
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const send = (name: unknown) =>
      acme.call(method, `/connectors/${String(name)}`, method === "PATCH" ? {} : undefined);
    expect(await notRefused(["ab", "a".repeat(256), "a%20b"], "name_invalid", send)).toEqual([]);
  }
});

it("names the field that it does not know", async () => {
  const acme = await givenAccount();
  await acme.call("POST", "/connectors", MINE);
  const unknown = [{ id: "mine" }, { can_write: true }, { passtrough: [] }];
  for (const one of unknown) {
    const [name] = Object.keys(one);
    const fresh = { ...MINE, name: "fresh", ...one };
    for (const answer of [
      await acme.call("POST", "/connectors", fresh),
      await acme.call("PATCH", PATH, one),
    ]) {
      expect(answer).toAnswer(400, "field_unknown");
      expect(answer.headers.get("x-error-detail")).toContain(`"${name}": `);
    }
  }
  expect(await acme.call("PATCH", PATH, { name: "x" })).toAnswer(400, { error: "field_unknown" });
  const wrong = { ...MINE, colour: "red", options: {} };
  expect(await acme.call("POST", "/connectors", wrong)).toAnswer(400, "options_invalid");
});

it("looks at the form of each field in the order of name, type, options, passthrough and tags", async () => {
  const acme = await givenAccount();
  const wrong = { name: "", type: "", options: 1, passthrough: 1, tags: 1 };
  const refuse = async (change: object) =>
    (await acme.call("POST", "/connectors", { ...wrong, ...change })).json.error;
  expect(await refuse({})).toBe("name_invalid");
  expect(await refuse({ name: "mine" })).toBe("type_invalid");
  expect(await refuse({ name: "mine", type: "https" })).toBe("options_invalid");
  expect(await refuse(MINE)).toBe("passthrough_invalid");
  expect(await refuse({ ...MINE, passthrough: [] })).toBe("tags_invalid");
});

it("looks at what exists before what is taken", async () => {
  const acme = await givenAccount();
  await acme.call("POST", "/connectors", MINE);
  const again = { ...MINE, tags: [NOBODYS] };
  expect(await acme.call("POST", "/connectors", again)).toAnswer(404, "tag_not_found");
});

it("refuses what are no tags of the account, and changes nothing", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  const [mine, theirs] = [await acme.givenTag("mine"), await globex.givenTag("theirs")];
  await acme.call("POST", "/connectors", { ...MINE, tags: [mine.id] });
  const before = await storedIn("connectors");
  const make = (tags: unknown) => acme.call("POST", "/connectors", { ...MINE, name: "new", tags });
  const options = { url: "https://other.example.com/" };
  const change = (tags: unknown) => acme.call("PATCH", PATH, { tags, options });
  for (const send of [make, change]) {
    expect(await notRefused([null, "x", ["x"]], "tags_invalid", send)).toEqual([]);
    const unknown = [[NOBODYS], [theirs.id], [mine.id, theirs.id]];
    expect(await notRefused(unknown, "tag_not_found", send)).toEqual([]);
  }
  expect(await storedIn("connectors")).toEqual(before);
});

it("makes one connector of a name that is made ten times at once, in either dialect", async () => {
  const acme = await givenAccount();
  const making = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0
      ? acme.call("POST", "/connectors", MINE)
      : acme.call("POST", "/connector", { id: "mine", ...HTTPS }),
  );
  const answers = await Promise.all(making);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  expect((await acme.call("GET", "/connectors")).json).toHaveLength(1);
});

it("asks the database once a call", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenTag("mine");
  expect(await roundTripsOf(acme, "POST", "/connectors", { ...MINE, tags: [id] })).toBe(1);
  expect(await roundTripsOf(acme, "GET", "/connectors")).toBe(1);
  expect(await roundTripsOf(acme, "GET", PATH)).toBe(1);
  const patch = { options: { authorization: "hush" }, tags: [] };
  expect(await roundTripsOf(acme, "PATCH", PATH, patch)).toBe(1);
  expect(await roundTripsOf(acme, "DELETE", PATH)).toBe(1);
});
