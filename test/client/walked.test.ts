import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { expect, it } from "vitest";
import { createClient, type PagedPath } from "../../client";
import worker from "../../src/index";
import { registrationOf, usageOf } from "../support/events";
import { stored } from "../support/fleet";
import { givenAccount } from "../support/given-account";

function clientOf(key: string) {
  return createClient({
    baseUrl: "https://api.example.com",
    key,
    fetch: async (request) => worker.fetch(new Request(request), env, createExecutionContext()),
  });
}

/** Three of everything that is listed. */
async function givenThree() {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const { id: webhook } = await acme.givenWebhook();
  for (const n of [1, 2, 3]) {
    await acme.givenTag(`tag ${n}`);
    const time = `2026-11-0${n}T00:00:00Z`;
    await stored(usageOf(sim, { time, bill_id: `${n}` }), registrationOf(sim, { time }));
  }
  for (const name of ["home", "abroad"]) {
    await acme.givenConnector(name);
    await acme.call("POST", "/network-whitelists", { name });
  }
  return { acme, sim, webhook };
}

/** How many rows there are of each list, one a page; a list that comes in pages and is not here does not compile. */
async function walked() {
  const { acme, sim, webhook } = await givenThree();
  const simplane = clientOf(acme.key);
  const operator = clientOf(env.OPERATOR_KEY);
  const query = { limit: 1 };
  const params = { query };
  const ofSim = { query, path: { sim_id: sim } };
  const period = { time_begin: "2026-11-01T00:00:00Z", time_end: "2026-12-01T00:00:00Z" };
  return {
    "/sims": await count(simplane.iterate("/sims", { params })),
    "/usage": await count(
      simplane.iterate("/usage", { params: { query: { ...query, ...period } } }),
    ),
    "/usage/{sim_id}": await count(simplane.iterate("/usage/{sim_id}", { params: ofSim })),
    "/network-logs/{sim_id}": await count(
      simplane.iterate("/network-logs/{sim_id}", { params: ofSim }),
    ),
    "/tags/search/tags": await count(simplane.iterate("/tags/search/tags", { params })),
    "/webhooks/{id}/deliveries": await count(
      simplane.iterate("/webhooks/{id}/deliveries", { params: { query, path: { id: webhook } } }),
    ),
    "/events": await count(simplane.iterate("/events", { params })),
    "/audit-log": await count(simplane.iterate("/audit-log", { params })),
    "/operator/accounts": await count(operator.iterate("/operator/accounts", { params })),
    "/operator/events/unmatched": await count(
      operator.iterate("/operator/events/unmatched", { params }),
    ),
    "/connectors": await count(simplane.iterate("/connectors", { params })),
    "/network-whitelists": await count(simplane.iterate("/network-whitelists", { params })),
    "/operator/accounts/{id}/keys": await count(
      operator.iterate("/operator/accounts/{id}/keys", {
        params: { query, path: { id: acme.id } },
      }),
    ),
    "/operator/audit-log": await count(
      operator.iterate("/operator/audit-log", {
        params: { query: { ...query, account_id: acme.id } },
      }),
    ),
  } satisfies Record<PagedPath, number>;
}

async function count(rows: AsyncIterable<unknown>): Promise<number> {
  let length = 0;
  for await (const _ of rows) length += 1;
  return length;
}

it("walks every list that there is, a row a page", async () => {
  expect(await walked()).toEqual({
    "/sims": 1,
    "/usage": 3,
    "/usage/{sim_id}": 3,
    "/network-logs/{sim_id}": 3,
    "/tags/search/tags": 3,
    "/webhooks/{id}/deliveries": 0,
    "/events": 6,
    "/audit-log": 11,
    "/connectors": 2,
    "/network-whitelists": 2,
    "/operator/accounts": 1,
    "/operator/accounts/{id}/keys": 1,
    "/operator/events/unmatched": 0,
    "/operator/audit-log": 11,
  });
});

it("sends a filter as the API reads it", async () => {
  const acme = await givenAccount();
  const [off] = [await acme.givenSim(), await acme.givenSim()];
  const simplane = clientOf(acme.key);
  const path = { sim_id: off };
  await simplane.PATCH("/sims/{sim_id}", { params: { path }, body: { activated: false } });
  const filter = { activated: "false", online: "false" } as const;
  const ids: string[] = [];
  for await (const { id } of simplane.iterate("/sims", { params: { query: { filter, limit: 1 } } }))
    ids.push(id);
  expect(ids).toEqual([off]);
});

it("gives lines as they come, where a program wants the audit log whole", async () => {
  const acme = await givenAccount();
  const sim = await acme.givenSim();
  const query = { format: "ndjson", sim_id: sim } as const;
  const { data } = await clientOf(acme.key).GET("/audit-log", {
    params: { query },
    parseAs: "text",
  });
  expect(data.split("\n")).toEqual([expect.stringContaining('"sim.created"'), ""]);
});
