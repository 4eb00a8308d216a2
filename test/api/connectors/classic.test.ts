import { describe, expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";

const OK = { message: "OK" };
const HTTPS = { type: "https", options: { url: "https://sink.example.com/" } };
const BAD_IDS = [
  undefined,
  null,
  "",
  "ab",
  "a".repeat(256),
  "my connector",
  "a/b/c",
  "ænø",
  "abc\n",
  123,
  ["abc"],
  {},
  true,
];

it("creates a connector and reads it back", async () => {
  const acme = await givenAccount();
  const connector = { id: "my-connector_1", ...HTTPS };
  expect(await acme.call("POST", "/connector", connector)).toAnswer(200, OK);
  expect(await acme.call("GET", "/connector?id=my-connector_1")).toAnswer(200, {
    ...connector,
    passthrough: [],
    meta: { authorization: { is_set: false, last_updated_at: null } },
  });
});

it("keeps the traffic that bypasses a connector, in its order", async () => {
  const acme = await givenAccount();
  const passthrough = [
    { protocol: "udp", ip: "192.0.2.1", port: 65_535 },
    { protocol: "tcp", ip: "2001:db8::1", port: 1 },
  ];
  await acme.call("POST", "/connector", { id: "mine", ...HTTPS, passthrough });
  expect((await acme.call("GET", "/connector?id=mine")).json.passthrough).toEqual(passthrough);
});

it("replaces a connector: what is left out takes its default, secrets aside", async () => {
  const acme = await givenAccount();
  const passthrough = [{ protocol: "tcp", ip: "192.0.2.1", port: 80 }];
  await acme.call("POST", "/connector", { id: "mine", ...HTTPS, passthrough });
  const options = { url: "https://other.example.com/in" };
  expect(await acme.call("PUT", "/connector", { id: "mine", type: "https", options })).toAnswer(
    200,
    OK,
  );
  expect((await acme.call("GET", "/connector?id=mine")).json).toMatchObject({
    options,
    passthrough: [],
  });
});

it("deletes a connector, named in the query or in the body", async () => {
  const acme = await givenAccount();
  for (const id of ["first", "second"]) await acme.givenConnector(id);
  expect(await acme.call("DELETE", "/connector?id=first")).toAnswer(200, OK);
  expect(await acme.call("DELETE", "/connector", { id: "second" })).toAnswer(200, OK);
  for (const id of ["first", "second"])
    expect(await acme.call("GET", `/connector?id=${id}`)).toAnswer(404, "connector_not_found");
});

it("refuses an id that the account already has, and leaves that connector as it is", async () => {
  const acme = await givenAccount();
  const id = await acme.givenConnector();
  const other = { id, type: "microsoft_azure_iot", options: { connection_string: "s" } };
  expect(await acme.call("POST", "/connector", other)).toAnswer(409, "id_conflict");
  expect((await acme.call("GET", `/connector?id=${id}`)).json.type).toBe("https");
});

it("lets two accounts choose the same id, each for its own connector", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await acme.givenConnector("shared-name");
  const options = { url: "https://globex.example.com/" };
  const theirs = { id: "shared-name", type: "https", options };
  expect(await globex.call("PUT", "/connector", theirs)).toAnswer(404, "connector_not_found");
  expect(await globex.call("POST", "/connector", theirs)).toAnswer(200, OK);
  expect(await globex.call("DELETE", "/connector?id=shared-name")).toAnswer(200, OK);
  expect((await acme.call("GET", "/connector?id=shared-name")).json.options).toEqual(HTTPS.options);
});

it("says of a connector that the account does not have that it is not found", async () => {
  const acme = await givenAccount();
  const missing = { id: "missing", ...HTTPS };
  expect(await acme.call("GET", "/connector?id=missing")).toAnswer(404, "connector_not_found");
  expect(await acme.call("PUT", "/connector", missing)).toAnswer(404, "connector_not_found");
  expect(await acme.call("DELETE", "/connector?id=missing")).toAnswer(404, "connector_not_found");
});

it("keeps a connector while a SIM uses it", async () => {
  const acme = await givenAccount();
  const connector = await acme.givenConnector();
  const id = await acme.givenSim({ connector });
  const remove = () => acme.call("DELETE", `/connector?id=${connector}`);
  expect(await remove()).toAnswer(409, "connector_in_use");
  expect((await acme.call("GET", `/connector?id=${connector}`)).status).toBe(200);
  await acme.call("PUT", "/sim", { id });
  expect(await remove()).toAnswer(200, OK);
});

it("does not care for another account's SIMs that use a connector of the same id", async () => {
  const [acme, globex] = [await givenAccount(), await givenAccount()];
  await acme.givenConnector("shared-name");
  await globex.givenConnector("shared-name");
  await globex.givenSim({ connector: "shared-name" });
  expect(await acme.call("DELETE", "/connector?id=shared-name")).toAnswer(200, OK);
});

it.each(["POST", "PUT", "DELETE"])("refuses to %s what is no id", async (method) => {
  const acme = await givenAccount();
  const send = (id: unknown) => acme.call(method, "/connector", { id, ...HTTPS });
  expect(await notRefused(BAD_IDS, "id_invalid", send)).toEqual([]);
});

it("refuses to read a connector that the query does not name", async () => {
  const acme = await givenAccount();
  const send = (query: unknown) => acme.call("GET", `/connector${String(query)}`);
  const queries = ["", "?id=", "?id=ab", "?id=mine&id=mine"];
  expect(await notRefused(queries, "id_invalid", send)).toEqual([]);
});

const ADDRESS = { protocol: "tcp", ip: "192.0.2.1", port: 80 };
const BAD_PASSTHROUGHS = [
  null,
  "tcp",
  {},
  ADDRESS,
  [null],
  [{}],
  [ADDRESS, { ...ADDRESS, protocol: "icmp" }],
  [{ ...ADDRESS, protocol: "TCP" }],
  [{ ...ADDRESS, ip: "192.0.2.256" }],
  [{ ...ADDRESS, ip: "sink.example.com" }],
  [{ ...ADDRESS, ip: "192.0.2.0/24" }],
  [{ ...ADDRESS, ip: 3_221_225_985 }],
  [{ ...ADDRESS, port: 0 }],
  [{ ...ADDRESS, port: 65_536 }],
  [{ ...ADDRESS, port: 80.5 }],
  [{ ...ADDRESS, port: "80" }],
  Array.from({ length: 101 }, () => ADDRESS),
];
const BAD_TYPES = [undefined, null, "", "HTTPS", "mqtt", "toString", "__proto__", 1, ["https"], {}];

describe.each(["POST", "PUT"])("%s /connector", (method) => {
  it("refuses an unknown type", async () => {
    const acme = await givenAccount();
    const { options } = HTTPS;
    const send = (type: unknown) => acme.call(method, "/connector", { id: "mine", type, options });
    expect(await notRefused(BAD_TYPES, "type_invalid", send)).toEqual([]);
  });

  it("refuses what is no list of addresses that bypass it", async () => {
    const acme = await givenAccount();
    const send = (passthrough: unknown) =>
      acme.call(method, "/connector", { id: "mine", ...HTTPS, passthrough });
    expect(await notRefused(BAD_PASSTHROUGHS, "passthrough_invalid", send)).toEqual([]);
  });

  it("looks at the form of each field in the order of id, type, options and passthrough", async () => {
    const acme = await givenAccount();
    const wrong = { id: "", type: "", options: 1, passthrough: 1 };
    const refuse = async (connector: object) =>
      (await acme.call(method, "/connector", connector)).json.error;
    expect(await refuse(wrong)).toBe("id_invalid");
    expect(await refuse({ ...wrong, id: "mine" })).toBe("type_invalid");
    expect(await refuse({ ...wrong, id: "mine", type: "https" })).toBe("options_invalid");
    expect(await refuse({ id: "mine", ...HTTPS, passthrough: 1 })).toBe("passthrough_invalid");
  });
});
