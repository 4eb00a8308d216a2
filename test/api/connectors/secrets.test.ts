import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { open } from "../../../src/platform/crypto";
import { givenAccount, type GivenAccount } from "../../support/given-account";
import { storedIn } from "../../support/stored";

const OK = { message: "OK" };
const url = "https://sink.example.com/";
const TLS = { host: "tls.example.com", port: 8883 };

interface Stored {
  [name: string]: { sealed: string; last_updated_at: string } | undefined;
}

/** The secrets as they lie in the database, of the only connector there is. */
async function storedSecrets(): Promise<Stored> {
  const [row] = await storedIn("connectors");
  return JSON.parse(String(row?.secrets));
}

/** What a stored secret opens to, for the connector `mine` of the account. */
async function opened(account: GivenAccount, name: string): Promise<string | undefined> {
  const secret = (await storedSecrets())[name];
  const place = `connectors/${account.id}/mine/${name}`;
  return secret && open([env.ENCRYPTION_KEY], place, secret.sealed);
}

async function isSet(account: GivenAccount, name: string): Promise<boolean> {
  return (await account.call("GET", "/connector?id=mine")).json.meta[name].is_set;
}

it("seals a secret so that it opens only with its key and in its place", async () => {
  const acme = await givenAccount();
  const options = { url, authorization: "Bearer ☃ secret" };
  await acme.call("POST", "/connector", { id: "mine", type: "https", options });
  expect(await opened(acme, "authorization")).toBe(options.authorization);
  const sealed = (await storedSecrets()).authorization?.sealed ?? "";
  const place = `connectors/${acme.id}/mine/authorization`;
  const otherKey = new Uint8Array(32).toBase64();
  await expect(open([otherKey], place, sealed)).rejects.toThrow(/decrypt/i);
  await expect(open([env.ENCRYPTION_KEY], `${place}2`, sealed)).rejects.toThrow(/decrypt/i);
});

it("seals the same secret differently each time", async () => {
  const acme = await givenAccount();
  const options = { ...TLS, cert: "same", key: "same" };
  await acme.call("POST", "/connector", { id: "mine", type: "tls", options });
  const { cert, key } = await storedSecrets();
  expect(cert?.sealed).not.toBe(key?.sealed);
});

it("keeps a secret that is left out of a replacement, and the time it was set", async () => {
  const acme = await givenAccount();
  const options = { ...TLS, cert: "the cert", key: "the key" };
  await acme.call("POST", "/connector", { id: "mine", type: "tls", options });
  const before = await storedSecrets();
  const changed = { ...TLS, port: 8884, key: "another key" };
  expect(
    await acme.call("PUT", "/connector", { id: "mine", type: "tls", options: changed }),
  ).toAnswer(200, OK);
  const after = await storedSecrets();
  expect(after.cert).toEqual(before.cert);
  expect(await opened(acme, "cert")).toBe("the cert");
  expect(await opened(acme, "key")).toBe("another key");
  const { json } = await acme.call("GET", "/connector?id=mine");
  expect(json.options).toEqual({ ...TLS, port: 8884 });
  expect(json.meta.cert).toEqual({ is_set: true, last_updated_at: before.cert?.last_updated_at });
  expect(json.meta.ca.is_set).toBe(false);
});

it("takes a secret away that is given as null", async () => {
  const acme = await givenAccount();
  const replace = (authorization: string | null, method = "PUT") =>
    acme.call(method, "/connector", { id: "mine", type: "https", options: { url, authorization } });
  expect(await replace(null, "POST")).toAnswer(200, OK);
  expect(await isSet(acme, "authorization")).toBe(false);
  await replace("Bearer secret");
  expect(await isSet(acme, "authorization")).toBe(true);
  await replace(null);
  expect(await isSet(acme, "authorization")).toBe(false);
  expect(await storedSecrets()).toEqual({});
});

it("drops the secrets of a type that a connector no longer has", async () => {
  const acme = await givenAccount();
  const tls = { id: "mine", type: "tls", options: { ...TLS, cert: "the cert", key: "the key" } };
  await acme.call("POST", "/connector", tls);
  const options = { endpoint: "abc.iot.eu-west-1.amazonaws.com", topic: "t", cert: "new cert" };
  const aws = { id: "mine", type: "aws_iot_core", options };
  expect(await acme.call("PUT", "/connector", aws)).toAnswer(200, OK);
  expect(await isSet(acme, "key")).toBe(false);
  expect(await opened(acme, "cert")).toBe("new cert");
  await acme.call("PUT", "/connector", { ...tls, options: TLS });
  expect(await storedSecrets()).toEqual({});
});

it("says nothing of a secret in what it answers to a wrong call", async () => {
  const acme = await givenAccount();
  const wrong = { id: "mine", type: "https", options: { url: "no", authorization: "hush" } };
  for (const method of ["POST", "PUT", "DELETE"]) {
    const { text, headers } = await acme.call(method, "/connector", wrong);
    expect(text + JSON.stringify([...headers])).not.toContain("hush");
  }
});
