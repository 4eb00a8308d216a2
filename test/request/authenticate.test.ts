import { expect, it } from "vitest";
import { mintKey } from "../../src/access/api-key";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";

it("takes an account's key, raw and as a bearer in any case", async () => {
  const { key } = await givenAccount();
  for (const sent of [key, `Bearer ${key}`, `bearer ${key}`, `BEARER   ${key}`])
    expect((await call("GET", "/", undefined, { key: sent })).status).toBe(200);
});

it("refuses a call without a key", async () => {
  for (const key of [undefined, "", "Bearer", "Bearer "])
    expect(await call("GET", "/", undefined, key === undefined ? {} : { key })).toAnswer(
      401,
      "unauthorized",
    );
});

it("refuses what is nearly the key, and a key that does not exist", async () => {
  const { key } = await givenAccount();
  const sent = [key.slice(1), key.slice(0, -1), `${key}x`, `Basic ${key}`, await mintKey()];
  for (const near of sent)
    expect(await call("GET", "/", undefined, { key: near })).toAnswer(401, "unauthorized");
});

it("refuses a revoked key", async () => {
  const acme = await givenAccount();
  await acme.revokeKey();
  expect(await acme.call("GET", "/")).toAnswer(401, "unauthorized");
});
