import { expect, it } from "vitest";
import { callAsOperator } from "../support/call";
import { givenAccount } from "../support/given-account";

it("notes that a key is in use, whatever its handler answers", async () => {
  const acme = await givenAccount();
  const [good, bad] = [await acme.givenKey({}), await acme.givenKey({})];
  await good.call("GET", "/sims");
  await bad.call("GET", "/sim?id=192837465");
  const used = await keysUsed(acme.id);
  expect([used.has(good.id), used.has(bad.id)]).toEqual([true, true]);
});

it("does not take a refused call for a use", async () => {
  const acme = await givenAccount();
  const refused = await acme.givenKey({ scopes: ["sims:read"], allowed_ips: ["192.0.2.0/24"] });
  const headers = { "cf-connecting-ip": "192.0.2.1" };
  expect(await refused.call("GET", "/sims")).toAnswer(403, "address_forbidden");
  const unscoped = await refused.call("GET", "/usage", undefined, { headers });
  expect(unscoped).toAnswer(403, "scope_missing");
  const unknown = await refused.call("GET", "/sims?x=1", undefined, { headers });
  expect(unknown).toAnswer(400, "parameter_unknown");
  expect((await keysUsed(acme.id)).has(refused.id)).toBe(false);
});

/** The ids of the account's keys that were used. */
async function keysUsed(accountId: string): Promise<Set<string>> {
  const { json } = await callAsOperator("GET", `/operator/accounts/${accountId}/keys`);
  const keys: { id: string; last_used_at: string | null }[] = json.keys;
  return new Set(keys.filter((key) => key.last_used_at !== null).map(({ id }) => id));
}
