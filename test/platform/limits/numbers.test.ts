import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/platform/limits";
import { callAsOperator } from "../../support/call";
import { givenAccount, newSimId } from "../../support/given-account";

const NUMBERS =
  "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)";

/** Connectors of the account, made without the API. */
async function givenConnectors(accountId: string, count: number): Promise<void> {
  await env.DB.prepare(
    `${NUMBERS} INSERT INTO connectors (account_id, id, type, options, passthrough, secrets, created_at)
     SELECT ?1, 'connector-' || n, 'https', '{"url":"https://sink.example.com/"}', '[]', '{}', n FROM numbers`,
  )
    .bind(accountId, count)
    .run();
}

/** Network lists of the account, made without the API. */
async function givenNetworkLists(accountId: string, count: number): Promise<void> {
  await env.DB.prepare(
    `${NUMBERS} INSERT INTO network_lists (account_id, name, networks, created_at)
     SELECT ?1, printf('list-%05d', n), '[]', n FROM numbers`,
  )
    .bind(accountId, count)
    .run();
}

const CONNECTOR = { type: "https", options: { url: "https://sink.example.com/" } };

describe("connectors", () => {
  it("an account makes as many as it may have, and no more, in either API", async () => {
    const acme = await givenAccount();
    await givenConnectors(acme.id, LIMITS.connectors.most - 1);
    const made = await Promise.all(
      ["one", "two"].map((name) => acme.call("POST", "/connectors", { name, ...CONNECTOR })),
    );
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const classic = await acme.call("POST", "/connector", { id: "three", ...CONNECTOR });
    expect(classic).toAnswer(409, "connector_limit_reached");
    const taken = await acme.call("POST", "/connector", { id: "connector-1", ...CONNECTOR });
    expect(taken).toAnswer(409, "id_conflict");
    const other = await givenAccount();
    expect((await other.call("POST", "/connectors", { name: "one", ...CONNECTOR })).status).toBe(
      200,
    );
  });

  it("one that is deleted makes room", async () => {
    const acme = await givenAccount();
    await givenConnectors(acme.id, LIMITS.connectors.most);
    await acme.call("DELETE", "/connectors/connector-7");
    expect((await acme.call("POST", "/connectors", { name: "one", ...CONNECTOR })).status).toBe(
      200,
    );
  });
});

describe("network lists", () => {
  it("an account makes as many as it may have, and no more", async () => {
    const acme = await givenAccount();
    await givenNetworkLists(acme.id, LIMITS.networkLists.most - 1);
    const made = await Promise.all(
      ["one", "two"].map((name) => acme.call("POST", "/network-whitelists", { name })),
    );
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const another = await acme.call("POST", "/network-whitelists", { name: "three" });
    expect(another).toAnswer(409, "network_whitelist_limit_reached");
    const taken = await acme.call("POST", "/network-whitelists", { name: "list-00001" });
    expect(taken).toAnswer(409, "name_conflict");
  });
});

describe("a connector's secret", () => {
  const longest = LIMITS.connectorSecret.most;
  const withSecret = (authorization: string) => ({
    type: "https",
    options: { url: "https://sink.example.com/", authorization },
  });

  it("is bounded in bytes, not in characters", async () => {
    const acme = await givenAccount();
    const fits = withSecret("漢".repeat(Math.floor(longest / 3)));
    const tooLong = withSecret("漢".repeat(Math.floor(longest / 3) + 1));
    expect((await acme.call("POST", "/connectors", { name: "fits", ...fits })).status).toBe(200);
    const refused = await acme.call("POST", "/connectors", { name: "too-long", ...tooLong });
    expect(refused).toAnswer(400, "options_invalid");
    const classic = await acme.call("POST", "/connector", { id: "too-long", ...tooLong });
    expect(classic).toAnswer(400, "options_invalid");
    const { options } = tooLong;
    const patched = await acme.call("PATCH", "/connectors/fits", { options });
    expect(patched).toAnswer(400, "options_invalid");
  });
});

describe("SIMs", () => {
  const THREE = { env: { SIMS_PER_ACCOUNT: "3" } };

  it("an account makes as many as the deployment says, and no more", async () => {
    const acme = await givenAccount();
    const make = (sim: object = {}) => acme.call("POST", "/sim", { id: newSimId(), ...sim }, THREE);
    const ids = Array.from({ length: 6 }, newSimId);
    const made = await Promise.all(ids.map((id, n) => make({ id, alias: `drone ${n}` })));
    expect(made.filter(({ status }) => status === 200)).toHaveLength(3);
    for (const answer of made.filter(({ status }) => status !== 200))
      expect(answer).toAnswer(409, "sim_limit_reached");
    const [first = 0] = made.flatMap(({ status }, n) => (status === 200 ? [n] : []));
    expect(await make({ id: ids[first] })).toAnswer(409, "id_conflict");
    expect(await make({ alias: `drone ${first}` })).toAnswer(409, "alias_conflict");
    await acme.call("DELETE", `/sim?id=${ids[first]}`);
    expect(await make()).toAnswer(200);
    expect(await make()).toAnswer(409, "sim_limit_reached");
    const other = await givenAccount();
    expect((await other.call("POST", "/sim", { id: newSimId() }, THREE)).status).toBe(200);
  });

  it("one whose card the operator issued is made all the same", async () => {
    const acme = await givenAccount();
    for (let n = 0; n < 3; n += 1) await acme.givenSim();
    const id = newSimId();
    const sims = [{ id, account_id: acme.id }];
    expect((await callAsOperator("PUT", "/operator/sims", { sims })).status).toBe(200);
    expect((await acme.call("POST", "/sim", { id }, THREE)).status).toBe(200);
    const another = await acme.call("POST", "/sim", { id: newSimId() }, THREE);
    expect(another).toAnswer(409, "sim_limit_reached");
  });
});
