import { expect, it } from "vitest";
import { forgetAll } from "../../src/access/find-key";
import { key } from "../../src/request/callers";
import { type Scope, SCOPES } from "../../src/access/scopes";
import type { Answer } from "../support/call";
import { givenAccount } from "../support/given-account";
import { PROTECTED_ROUTES } from "../support/protected-routes";

/** The one scope that each route needs; null: any key. */
const NEEDED: Record<string, Scope | null> = {
  "GET /": null,
  "GET /sim": "sims:read",
  "POST /sim": "sims:write",
  "PUT /sim": "sims:write",
  "DELETE /sim": "sims:write",
  "GET /sims": "sims:read",
  "GET /sims/find": "sims:read",
  "PATCH /sims/bulk": "sims:write",
  "GET /sims/:sim_id": "sims:read",
  "PATCH /sims/:sim_id": "sims:write",
  "PUT /sims/:sim_id/tags/:tag_id": "sims:write",
  "DELETE /sims/:sim_id/tags/:tag_id": "sims:write",
  "GET /tags/search/tags": "sims:read",
  "POST /tags": "sims:write",
  "PATCH /tags/:id": "sims:write",
  "DELETE /tags/:id": "sims:write",
  "GET /network-whitelists": "sims:read",
  "POST /network-whitelists": "sims:write",
  "GET /network-whitelists/:name": "sims:read",
  "PATCH /network-whitelists/:name": "sims:write",
  "DELETE /network-whitelists/:name": "sims:write",
  "GET /usage": "usage:read",
  "GET /usage/:sim_id": "usage:read",
  "GET /usage/tag-total/:tag_id": "usage:read",
  "GET /network-logs/:sim_id": "usage:read",
  "GET /audit-log": "audit:read",
  "GET /events": "usage:read",
  "GET /events/:id": "usage:read",
  "GET /connector": "connectors:read",
  "POST /connector": "connectors:write",
  "PUT /connector": "connectors:write",
  "DELETE /connector": "connectors:write",
  "GET /connectors": "connectors:read",
  "POST /connectors": "connectors:write",
  "GET /connectors/:name": "connectors:read",
  "PATCH /connectors/:name": "connectors:write",
  "DELETE /connectors/:name": "connectors:write",
  "GET /webhooks": "webhooks:read",
  "POST /webhooks": "webhooks:write",
  "GET /webhooks/:id": "webhooks:read",
  "PATCH /webhooks/:id": "webhooks:write",
  "DELETE /webhooks/:id": "webhooks:write",
  "GET /webhooks/:id/deliveries": "webhooks:read",
  "GET /webhooks/:id/replay": "webhooks:read",
  "POST /webhooks/:id/replay": "webhooks:write",
  "DELETE /webhooks/:id/replay": "webhooks:write",
  "POST /webhooks/:id/test": "webhooks:write",
  "POST /webhooks/:id/rotate-secret": "webhooks:write",
  "GET /keys": "keys:write",
  "POST /keys": "keys:write",
  "PATCH /keys/:id": "keys:write",
  "DELETE /keys/:id": "keys:write",
  "POST /keys/:id/rotate": "keys:write",
};

const CUSTOMERS = PROTECTED_ROUTES.filter(({ caller }) => caller === "customer");

it("says of every route who may", () => {
  const routes = CUSTOMERS.map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(NEEDED).toSorted()).toEqual(routes.toSorted());
});

it("makes no route that says nothing of it", () => {
  // @ts-expect-error a route without a scope does not compile
  expect(key().length).toBe(2);
});

/** What each route answers to a call. */
async function walk(send: (method: string, url: string, body?: object) => Promise<Answer>) {
  const answers: [route: string, status: number, error: unknown][] = [];
  for (const { method, path, url, takesBody } of CUSTOMERS) {
    const { status, json } = await send(method, url, takesBody ? {} : undefined);
    answers.push([`${method} ${path}`, status, json?.error]);
  }
  return answers;
}

it.each(SCOPES)("lets a key with %s in where that is needed, and nowhere else", async (scope) => {
  const acme = await givenAccount();
  const one = await acme.givenKey({ scopes: [scope] });
  const expected = CUSTOMERS.map(({ method, path }) => {
    const needed = NEEDED[`${method} ${path}`];
    return [`${method} ${path}`, needed === null || needed === scope];
  });
  const answers = await walk(one.call);
  expect(answers.map(([route, , error]) => [route, error !== "scope_missing"])).toEqual(expected);
  const refused = answers.filter(([, , error]) => error === "scope_missing");
  expect(new Set(refused.map(([, status]) => status))).toEqual(new Set([403]));
});

it("lets a key with * in everywhere", async () => {
  const acme = await givenAccount();
  for (const [, status] of await walk(acme.call.bind(acme)))
    expect([200, 400, 404]).toContain(status);
});

it("lets an expired key in nowhere, nor one that expires while it is known", async () => {
  const acme = await givenAccount();
  const soon = await acme.givenKey({ expires_at: new Date(Date.now() + 250).toISOString() });
  expect((await soon.call("GET", "/")).status).toBe(200);
  await scheduler.wait(260);
  for (const answer of await walk(soon.call))
    expect(answer).toEqual([answer[0], 401, "unauthorized"]);
  forgetAll();
  for (const answer of await walk(soon.call))
    expect(answer).toEqual([answer[0], 401, "unauthorized"]);
  expect(await soon.call("GET", "/operator/accounts")).toAnswer(401, "unauthorized");
});
