import { describe, expect, it } from "vitest";
import { givenAccount } from "../../support/given-account";
import { notRefused } from "../../support/refusals";
import { storedIn } from "../../support/stored";

/** Each type with all its options, secrets apart. */
const TYPES = [
  {
    type: "https",
    options: { url: "https://sink.example.com:8443/in?key=1" },
    secrets: { authorization: "Bearer the-authorization" },
  },
  {
    type: "tls",
    options: { host: "tls.example.com", port: 8883, server_name: "sink.example.com" },
    secrets: { ca: "the-ca", cert: "the-cert", key: "-----BEGIN PRIVATE KEY-----\nthe-key\n" },
  },
  {
    type: "microsoft_azure_iot",
    options: {},
    secrets: { connection_string: "HostName=x.azure-devices.net;SharedAccessKey=the-key" },
  },
  {
    type: "aws_iot_core",
    options: { endpoint: "abc-ats.iot.eu-west-1.amazonaws.com", topic: "sims/{id}" },
    secrets: { cert: "the-cert", key: "the-key" },
  },
];

describe.each(TYPES)("a connector of type $type", ({ type, options, secrets }) => {
  const names = Object.keys(secrets);

  it("answers its options, and of its secrets only that they are set", async () => {
    const acme = await givenAccount();
    const connector = { id: "mine", type, options: { ...options, ...secrets } };
    expect(await acme.call("POST", "/connector", connector)).toAnswer(200, { message: "OK" });
    const { text, json } = await acme.call("GET", "/connector?id=mine");
    expect(Object.keys(json)).toEqual(["id", "type", "options", "passthrough", "meta"]);
    expect(json).toMatchObject({ id: "mine", type, options });
    expect(json.options).toEqual(options);
    expect(Object.keys(json.meta)).toEqual(names);
    for (const name of names) {
      expect(json.meta[name].is_set).toBe(true);
      expect(Date.now() - Date.parse(json.meta[name].last_updated_at)).toBeLessThan(60_000);
    }
    for (const secret of Object.values(secrets)) {
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(JSON.stringify(await storedIn("connectors"))).not.toContain(secret);
    }
  });

  it("may be made without its secrets", async () => {
    const acme = await givenAccount();
    await acme.call("POST", "/connector", { id: "mine", type, options });
    const { json } = await acme.call("GET", "/connector?id=mine");
    const unset = names.map((name) => [name, { is_set: false, last_updated_at: null }]);
    expect(json.meta).toEqual(Object.fromEntries(unset));
  });

  it("takes no other option, and no secret that is not a text", async () => {
    const acme = await givenAccount();
    const others = [{ colour: "red" }, { id: "mine" }, JSON.parse('{"__proto__":1}')];
    const wrong = ["", 1, true, [], {}, "a\0b", "x".repeat(16_385)].flatMap((value) =>
      names.map((name) => ({ [name]: value })),
    );
    const given = [...others, ...wrong].map((one) => ({ ...options, ...one }));
    for (const method of ["POST", "PUT"]) {
      const send = (all: unknown) =>
        acme.call(method, "/connector", { id: "mine", type, options: all });
      expect(await notRefused(given, "options_invalid", send)).toEqual([]);
    }
    expect(await storedIn("connectors")).toEqual([]);
  });
});

const TLS = { host: "tls.example.com", port: 8883 };
const AWS = { endpoint: "abc.iot.eu-west-1.amazonaws.com", topic: "t" };
const WRONG: [type: string, options: unknown][] = [
  ...TYPES.flatMap(({ type }) =>
    [null, [], "x", 1].map((wrong): [string, unknown] => [type, wrong]),
  ),
  ["https", undefined],
  ["https", {}],
  ["https", { url: null }],
  ["https", { url: 1 }],
  ["https", { url: "" }],
  ["https", { url: "sink.example.com" }],
  ["https", { url: "http://sink.example.com/" }],
  ["https", { url: "https://user:pass@sink.example.com/" }],
  ["https", { url: "https://user@sink.example.com" }],
  ["https", { url: "ftp://sink.example.com/" }],
  ["https", { url: `https://sink.example.com/${"x".repeat(10_000)}` }],
  ["tls", undefined],
  ["tls", { host: TLS.host }],
  ["tls", { port: TLS.port }],
  ["tls", { ...TLS, host: "" }],
  ["tls", { ...TLS, host: "https://tls.example.com" }],
  ["tls", { ...TLS, host: "tls example com" }],
  ["tls", { ...TLS, host: "tls.example.com:8883" }],
  ["tls", { ...TLS, port: "8883" }],
  ["tls", { ...TLS, port: 0 }],
  ["tls", { ...TLS, port: 65_536 }],
  ["tls", { ...TLS, port: 1.5 }],
  ["tls", { ...TLS, server_name: "" }],
  ["tls", { ...TLS, server_name: null }],
  ["aws_iot_core", undefined],
  ["aws_iot_core", { endpoint: AWS.endpoint }],
  ["aws_iot_core", { topic: AWS.topic }],
  ["aws_iot_core", { ...AWS, endpoint: "https://x.amazonaws.com" }],
  ["aws_iot_core", { ...AWS, topic: "" }],
  ["aws_iot_core", { ...AWS, topic: "a\0b" }],
  ["aws_iot_core", { ...AWS, topic: "x".repeat(257) }],
  ["microsoft_azure_iot", { url: "https://sink.example.com/" }],
];

it.each(["POST", "PUT"])("refuses to %s options that its type does not have", async (method) => {
  const acme = await givenAccount();
  const given = WRONG.map(([type, options]) => ({ id: "mine", type, options }));
  const send = (connector: unknown) => acme.call(method, "/connector", connector);
  expect(await notRefused(given, "options_invalid", send)).toEqual([]);
});
