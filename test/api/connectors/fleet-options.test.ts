import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SECRETS } from "../../../src/api/connectors/options";
import { open } from "../../../src/platform/crypto";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

const PATH = "/connectors/mine";
const UNSET = { is_set: false, last_updated_at: null };

/** Each type with what may be read back, a change of it, and its secrets as the fleet API names them. */
const TYPES = [
  {
    type: "https",
    options: { url: "https://sink.example.com/" },
    change: { url: "https://other.example.com/" },
    secrets: { authorization: "Bearer the-authorization" },
  },
  {
    type: "tls",
    options: { host: "tls.example.com", port: 8883 },
    change: { port: 8884, server_name: "sink.example.com" },
    secrets: { ca: "the-ca", cert: "the-cert", key: "the-key" },
  },
  {
    type: "microsoft_azure_iot",
    options: {},
    change: {},
    secrets: { connectionString: "HostName=x.azure-devices.net;SharedAccessKey=the-key" },
  },
  {
    type: "aws_iot_core",
    options: { endpoint: "abc-ats.iot.eu-west-1.amazonaws.com", topic: "sims/{id}" },
    change: { topic: "other" },
    secrets: { cert: "the-cert", key: "the-key" },
  },
];

const [, TLS] = TYPES;

/** The secrets of the only connector there is, opened; they are named and placed as the classic API names them. */
async function opened(account: GivenAccount): Promise<Record<string, string>> {
  const [row] = await storedIn("connectors");
  const secrets: Record<string, { sealed: string }> = JSON.parse(String(row?.secrets));
  const texts: Record<string, string> = {};
  for (const [name, { sealed }] of Object.entries(secrets))
    texts[name] = await open([env.ENCRYPTION_KEY], `connectors/${account.id}/mine/${name}`, sealed);
  return texts;
}

function classicNames(secrets: object): object {
  return JSON.parse(JSON.stringify(secrets).replace("connectionString", "connection_string"));
}

describe.each(TYPES)("a connector of type $type", ({ type, options, change, secrets }) => {
  const names = Object.keys(secrets);

  async function givenMine() {
    const acme = await givenAccount();
    const all = { ...options, ...secrets };
    const made = await acme.call("POST", "/connectors", { name: "mine", type, options: all });
    return { acme, made };
  }

  it("never shows a secret, nor stores it in clear", async () => {
    const { acme, made } = await givenMine();
    expect(made.json.options).toEqual(options);
    const again = await acme.call("PATCH", PATH, { options: secrets });
    const answers = [
      made,
      again,
      await acme.call("GET", PATH),
      await acme.call("GET", "/connectors"),
      await acme.call("GET", "/connector?id=mine"),
    ];
    const texts = answers.map(({ text }) => text);
    for (const text of [...texts, JSON.stringify(await storedIn("connectors"))])
      for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
    expect(Object.keys(made.json.meta)).toEqual(names);
    for (const name of names) expect(made.json.meta[name].is_set).toBe(true);
    expect(await opened(acme)).toEqual(classicNames(secrets));
  });

  it("changes one option and leaves the others, the secrets among them", async () => {
    const { acme, made } = await givenMine();
    const changed = await acme.call("PATCH", PATH, { type, options: change });
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({ ...made.json, options: { ...options, ...change } });
    expect(await opened(acme)).toEqual(classicNames(secrets));
  });

  it.each(names)("takes away %s by null, and sets it again", async (name) => {
    const { acme, made } = await givenMine();
    const removed = await acme.call("PATCH", PATH, { options: { [name]: null } });
    expect(removed).toAnswer(200, { ...made.json, meta: { ...made.json.meta, [name]: UNSET } });
    const set = await acme.call("PATCH", PATH, { options: { [name]: "new" } });
    expect(set.json.meta[name].is_set).toBe(true);
    expect(Object.values(await opened(acme))).toContain("new");
  });

  it("refuses options that it does not have, and changes nothing", async () => {
    const { acme } = await givenMine();
    const before = await storedIn("connectors");
    const others = TYPES.filter((other) => other.type !== type);
    const foreign = others.flatMap((other) =>
      Object.entries({ ...other.options, ...other.secrets })
        .filter(([name]) => !(name in options || name in secrets))
        .map(([name, value]) => ({ [name]: value })),
    );
    const required = Object.keys(options).map((name) => ({ [name]: null }));
    const wrong = names.flatMap((name) =>
      ["", 1, true, [], {}, "a\0b", "x".repeat(16_385)].map((value) => ({ [name]: value })),
    );
    const malformed = [null, [], "x", 1, { colour: "red" }, JSON.parse('{"__proto__":1}')];
    const bad = [...foreign, ...required, ...wrong, ...malformed, { ...change, colour: "red" }];
    const send = (given: unknown) => acme.call("PATCH", PATH, { options: given });
    expect(await notRefused(bad, "options_invalid", send)).toEqual([]);
    const typed = (given: unknown) => acme.call("PATCH", PATH, { type, options: given });
    expect(await notRefused(bad, "options_invalid", typed)).toEqual([]);
    expect(await storedIn("connectors")).toEqual(before);
  });

  it("stays of its type", async () => {
    const { acme } = await givenMine();
    const before = await storedIn("connectors");
    const others = TYPES.map((other) => other.type).filter((other) => other !== type);
    const send = (other: unknown) => acme.call("PATCH", PATH, { type: other });
    expect(await notRefused([...others, "mqtt", "", null, 1], "type_invalid", send)).toEqual([]);
    expect(await storedIn("connectors")).toEqual(before);
  });

  it("is checked when it is made", async () => {
    const acme = await givenAccount();
    const bad = [
      ...Object.keys(options).map((name) => ({ ...options, [name]: undefined })),
      ...names.map((name) => ({ ...options, [name]: 1 })),
      { ...options, colour: "red" },
      null,
    ];
    const send = (given: unknown) =>
      acme.call("POST", "/connectors", { name: "mine", type, options: given });
    expect(await notRefused(bad, "options_invalid", send)).toEqual([]);
    expect(await storedIn("connectors")).toEqual([]);
  });
});

it("takes away an option that need not be there by null", async () => {
  const acme = await givenAccount();
  const options = { ...TLS?.options, ...TLS?.change };
  await acme.call("POST", "/connectors", { name: "mine", type: "tls", options });
  const { json } = await acme.call("PATCH", PATH, { options: { server_name: null } });
  expect(json.options).toEqual({ host: "tls.example.com", port: 8884 });
});

it("names the secret of an Azure connector as each dialect does", async () => {
  const acme = await givenAccount();
  const azure = { type: "microsoft_azure_iot" };
  await acme.call("POST", "/connector", {
    id: "mine",
    ...azure,
    options: { connection_string: "x" },
  });
  const { meta } = (await acme.call("GET", PATH)).json;
  expect(Object.keys(meta)).toEqual(["connectionString"]);
  await acme.call("PATCH", PATH, { options: { connectionString: "y" } });
  expect(await opened(acme)).toEqual({ connection_string: "y" });
  expect(Object.keys((await acme.call("GET", "/connector?id=mine")).json.meta)).toEqual([
    "connection_string",
  ]);
  const classic = { options: { connection_string: "z" } };
  expect(await acme.call("PATCH", PATH, classic)).toAnswer(400, "options_invalid");
  const made = { name: "other", ...azure, ...classic };
  expect(await acme.call("POST", "/connectors", made)).toAnswer(400, "options_invalid");
});

it("makes an Azure connector without options", async () => {
  const acme = await givenAccount();
  const made = await acme.call("POST", "/connectors", {
    name: "mine",
    type: "microsoft_azure_iot",
  });
  expect(made.json).toMatchObject({ options: {}, meta: { connectionString: UNSET } });
});

it("keeps both of two changes that are made at once", async () => {
  const acme = await givenAccount();
  await acme.call("POST", "/connectors", { name: "mine", type: "tls", options: TLS?.options });
  const secrets = { ca: "1", cert: "2", key: "3" };
  const changes = Object.entries({ ...secrets, ...TLS?.change }).map(([name, value]) =>
    acme.call("PATCH", PATH, { options: { [name]: value } }),
  );
  for (const { status } of await Promise.all(changes)) expect(status).toBe(200);
  expect((await acme.call("GET", PATH)).json.options).toEqual({ ...TLS?.options, ...TLS?.change });
  expect(await opened(acme)).toEqual(secrets);
});

it("has no option that is secret in one type and readable in another", () => {
  const secret = Object.values(SECRETS).flat().map(String);
  const readable = TYPES.flatMap(({ options, change }) => Object.keys({ ...options, ...change }));
  expect(readable.filter((name) => secret.includes(name))).toEqual([]);
});
