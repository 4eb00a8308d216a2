import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/platform/errors";
import { iccidOf } from "../../src/api/sims/iccid";
import { usageOf, validationOf } from "../support/events";
import { givenAccount, newSimId } from "../support/given-account";
import { givenPipeline, givenReceivers } from "../support/pipeline";
import { declaredRoutes } from "../support/protected-routes";
import { everythingStored } from "../support/stored";

/** Words of what carries the northern tag that no answer to a key of another tag may hold. */
const NORTHERN = ["northern-alias", "northern.example.com", "northern-bill", "northern-label"];

/** An account with one of everything that carries a tag, and events of it. */
async function givenNorthern() {
  const acme = await givenAccount();
  const { id: north } = await acme.givenTag("north");
  const { id: south } = await acme.givenTag("south");
  const options = { url: "https://northern.example.com/" };
  const connector = { name: "northern-connector", type: "https", options, tags: [north] };
  await acme.call("POST", "/connectors", connector);
  await acme.call("POST", "/network-whitelists", { name: "northern-list", tags: [north] });
  const webhook = await acme.givenWebhook({ label: "northern-label", tags: [north] });
  const sim = await acme.givenSim({ alias: "northern-alias" });
  const all = {
    connector: "northern-connector",
    network_whitelist: "northern-list",
    tags: [north],
  };
  await acme.call("PATCH", `/sims/${sim}`, all);
  const pipeline = givenPipeline();
  givenReceivers();
  const time = new Date(Date.now() - 60_000).toISOString();
  const usage = { time, id: "northern-usage", bill_id: "northern-bill" };
  await pipeline.report(usageOf(sim, usage), validationOf(sim, { time, id: "northern-network" }));
  await pipeline.storeAll();
  await pipeline.deliverAll();
  return { acme, north, south, sim, webhook: webhook.id, pipeline };
}

type Northern = Awaited<ReturnType<typeof givenNorthern>>;

interface Attempt {
  path: string;
  body?: object;
  /** What a key of another tag is answered. */
  answer: [status: number, body?: ErrorCode | object];
}

const NO_SIMS = { pagination: { has_more: false }, sims: [] };
const NO_RECORDS = { usage: [], upload: "0", download: "0" };
const FORBIDDEN: Attempt["answer"] = [403, "tag_forbidden"];
const A_CONNECTOR = { type: "https", options: { url: "https://a.example.net/" } };
const CLASSIC = { id: "northern-connector", ...A_CONNECTOR };

/** What a key of another tag tries, for each route of the account's. */
const WALK: Record<string, (northern: Northern) => Attempt[]> = {
  "GET /": () => [{ path: "/", answer: [200, { message: "OK" }] }],
  "GET /sim": ({ sim }) => [{ path: `/sim?id=${sim}`, answer: [403, "id_forbidden"] }],
  "POST /sim": ({ sim }) => [
    { path: "/sim", body: { id: sim }, answer: [403, "id_forbidden"] },
    {
      path: "/sim",
      body: { id: newSimId(), connector: "northern-connector" },
      answer: [404, "connector_not_found"],
    },
  ],
  "PUT /sim": ({ sim }) => [
    { path: "/sim", body: { id: sim, active: false }, answer: [403, "id_forbidden"] },
  ],
  "DELETE /sim": ({ sim }) => [{ path: `/sim?id=${sim}`, answer: [403, "id_forbidden"] }],
  "GET /sims": ({ north }) =>
    ["", "?sort=-usage", `?filter=tag:${north}`, "?filter=connector:northern-connector"].map(
      (query) => ({ path: `/sims${query}`, answer: [200, NO_SIMS] }),
    ),
  "GET /sims/find": ({ sim }) =>
    [sim, iccidOf(sim), "northern", sim.slice(0, 1)].map((search) => ({
      path: `/sims/find?search=${search}`,
      answer: [200, []],
    })),
  "PATCH /sims/bulk": ({ sim }) =>
    ["", "?dry_run=true"].map((query) => ({
      path: `/sims/bulk${query}`,
      body: [{ id: sim, activated: false }],
      answer: [200, { results: [{ index: 0, id: sim, error: "sim_not_found" }] }],
    })),
  "GET /sims/:sim_id": ({ sim }) => [
    { path: `/sims/${sim}`, answer: [404, "sim_not_found"] },
    { path: `/sims/${iccidOf(sim)}`, answer: [404, "sim_not_found"] },
  ],
  "PATCH /sims/:sim_id": ({ sim, south }) => [
    { path: `/sims/${sim}`, body: { activated: false }, answer: [404, "sim_not_found"] },
    { path: `/sims/${sim}`, body: { tags: [south] }, answer: [404, "sim_not_found"] },
  ],
  "PUT /sims/:sim_id/tags/:tag_id": ({ sim, north, south }) => [
    { path: `/sims/${sim}/tags/${south}`, answer: [404, "sim_not_found"] },
    { path: `/sims/${sim}/tags/${north}`, answer: FORBIDDEN },
  ],
  "DELETE /sims/:sim_id/tags/:tag_id": ({ sim, north, south }) => [
    { path: `/sims/${sim}/tags/${south}`, answer: [404, "sim_not_found"] },
    { path: `/sims/${sim}/tags/${north}`, answer: FORBIDDEN },
  ],
  "GET /tags/search/tags": ({ south }) => [
    {
      path: "/tags/search/tags",
      answer: [
        200,
        {
          count: 1,
          limit: 1000,
          offset: 0,
          total: 1,
          result: [{ name: "south", id: south, can_write: true, color: null }],
        },
      ],
    },
  ],
  "POST /tags": () => [{ path: "/tags", body: { name: "west" }, answer: FORBIDDEN }],
  "PATCH /tags/:id": ({ north, south }) =>
    [north, south].map((tag) => ({ path: `/tags/${tag}`, body: { name: "x" }, answer: FORBIDDEN })),
  "DELETE /tags/:id": ({ north }) => [{ path: `/tags/${north}`, answer: FORBIDDEN }],
  "GET /usage": ({ sim }) => [
    { path: `/usage?sim_id=${sim}`, answer: [403, "sim_id_forbidden"] },
    {
      path: "/usage?time_end=2999-01-01T00:00:00Z",
      answer: [200, { ...NO_RECORDS, pagination: { has_more: false } }],
    },
    ...["", `&filter=sim_id:${sim}`, `&filter=sim_id:${iccidOf(sim)}`].flatMap((query) =>
      ["", "hours", "days", "months", "sim", "country", "network"].map((group): Attempt => {
        const path = `/usage?${group ? `group=${group}` : "limit=1000"}${query}`;
        return { path, answer: [200] };
      }),
    ),
  ],
  "GET /usage/:sim_id": ({ sim }) => [
    { path: `/usage/${sim}`, answer: [404, "sim_not_found"] },
    { path: `/usage/${iccidOf(sim)}?group=days`, answer: [404, "sim_not_found"] },
  ],
  "GET /usage/tag-total/:tag_id": ({ north }) => [
    { path: `/usage/tag-total/${north}`, answer: FORBIDDEN },
  ],
  "GET /network-logs/:sim_id": ({ sim }) => [
    { path: `/network-logs/${sim}`, answer: [404, "sim_not_found"] },
  ],
  "GET /audit-log": ({ sim }) => [
    { path: "/audit-log", answer: [200, { entries: [], pagination: { has_more: false } }] },
    { path: `/audit-log?sim_id=${sim}&format=ndjson`, answer: [200] },
  ],
  "GET /events": () => [{ path: "/events", answer: [200] }],
  "GET /events/:id": () =>
    ["northern-usage", "northern-network"].map((id) => ({
      path: `/events/${id}`,
      answer: [404, "event_not_found"],
    })),
  "GET /connector": () => [
    { path: "/connector?id=northern-connector", answer: [404, "connector_not_found"] },
  ],
  "POST /connector": () => [{ path: "/connector", body: CLASSIC, answer: [409, "id_conflict"] }],
  "PUT /connector": () => [
    { path: "/connector", body: CLASSIC, answer: [404, "connector_not_found"] },
  ],
  "DELETE /connector": () => [
    { path: "/connector?id=northern-connector", answer: [404, "connector_not_found"] },
  ],
  "GET /connectors": () => [{ path: "/connectors", answer: [200, []] }],
  "POST /connectors": ({ north }) => [
    {
      path: "/connectors",
      body: { name: "other", ...A_CONNECTOR, tags: [north] },
      answer: FORBIDDEN,
    },
  ],
  "GET /connectors/:name": () => [
    { path: "/connectors/northern-connector", answer: [404, "connector_not_found"] },
  ],
  "PATCH /connectors/:name": ({ south }) => [
    {
      path: "/connectors/northern-connector",
      body: { tags: [south] },
      answer: [404, "connector_not_found"],
    },
  ],
  "DELETE /connectors/:name": () => [
    { path: "/connectors/northern-connector", answer: [404, "connector_not_found"] },
  ],
  "GET /network-whitelists": () => [{ path: "/network-whitelists", answer: [200, []] }],
  "POST /network-whitelists": ({ north }) => [
    { path: "/network-whitelists", body: { name: "other", tags: [north] }, answer: FORBIDDEN },
  ],
  "GET /network-whitelists/:name": () => [
    { path: "/network-whitelists/northern-list", answer: [404, "network_whitelist_not_found"] },
  ],
  "PATCH /network-whitelists/:name": ({ south }) => [
    {
      path: "/network-whitelists/northern-list",
      body: { tags: [south] },
      answer: [404, "network_whitelist_not_found"],
    },
  ],
  "DELETE /network-whitelists/:name": () => [
    { path: "/network-whitelists/northern-list", answer: [404, "network_whitelist_not_found"] },
  ],
  "GET /webhooks": () => [{ path: "/webhooks", answer: [200, []] }],
  "POST /webhooks": ({ north, south }) =>
    [[north], [south, north]].map((tags) => ({
      path: "/webhooks",
      body: { url: "https://receiver.acme.com/", tags },
      answer: FORBIDDEN,
    })),
  "GET /webhooks/:id": ({ webhook }) => [
    { path: `/webhooks/${webhook}`, answer: [404, "webhook_not_found"] },
  ],
  "PATCH /webhooks/:id": ({ webhook, south }) => [
    { path: `/webhooks/${webhook}`, body: { tags: [south] }, answer: [404, "webhook_not_found"] },
  ],
  "DELETE /webhooks/:id": ({ webhook }) => [
    { path: `/webhooks/${webhook}`, answer: [404, "webhook_not_found"] },
  ],
  "GET /webhooks/:id/deliveries": ({ webhook }) => [
    { path: `/webhooks/${webhook}/deliveries`, answer: [404, "webhook_not_found"] },
  ],
  "GET /webhooks/:id/replay": ({ webhook }) => [
    { path: `/webhooks/${webhook}/replay`, answer: [404, "webhook_not_found"] },
  ],
  "DELETE /webhooks/:id/replay": ({ webhook }) => [
    { path: `/webhooks/${webhook}/replay`, answer: [404, "webhook_not_found"] },
  ],
  "POST /webhooks/:id/replay": ({ webhook }) => [
    {
      path: `/webhooks/${webhook}/replay`,
      body: { since: "2020-01-01T00:00:00Z" },
      answer: [404, "webhook_not_found"],
    },
  ],
  "POST /webhooks/:id/test": ({ webhook }) => [
    { path: `/webhooks/${webhook}/test`, body: {}, answer: [404, "webhook_not_found"] },
  ],
  "POST /webhooks/:id/rotate-secret": ({ webhook }) => [
    { path: `/webhooks/${webhook}/rotate-secret`, answer: [404, "webhook_not_found"] },
  ],
  "GET /keys": () => [{ path: "/keys", answer: [200] }],
  "POST /keys": ({ north }) => [
    {
      path: "/keys",
      body: { name: "x", scopes: ["*"], tags: [north] },
      answer: [403, "grant_forbidden"],
    },
  ],
  "PATCH /keys/:id": ({ acme }) => [
    { path: `/keys/${acme.keyId}`, body: { tags: [] }, answer: [404, "key_not_found"] },
  ],
  "DELETE /keys/:id": ({ acme }) => [
    { path: `/keys/${acme.keyId}`, answer: [404, "key_not_found"] },
  ],
  "POST /keys/:id/rotate": ({ acme }) => [
    { path: `/keys/${acme.keyId}/rotate`, answer: [404, "key_not_found"] },
  ],
};

it("walks every route of an account", () => {
  const routes = declaredRoutes().filter((route) => !route.includes(" /operator/"));
  expect(Object.keys(WALK).toSorted()).toEqual(routes.toSorted());
});

describe.each(Object.entries(WALK))("%s", (route, attempts) => {
  const [method = ""] = route.split(" ");

  it("keeps what carries one tag from a key of another, and of none", async () => {
    const northern = await givenNorthern();
    const { acme, south } = northern;
    const [other, none] = [
      await acme.givenKey({ tags: [south] }),
      await acme.givenKey({ tags: [] }),
    ];
    const before = await everythingStored();
    for (const { path, body, answer } of attempts(northern)) {
      const given = await other.call(method, path, body);
      expect(given).toAnswer(...answer);
      for (const word of [...NORTHERN, acme.keyId]) expect(given.text).not.toContain(word);
      const nothing = await none.call(method, path, body);
      const isRefused = nothing.status >= 400 || method === "GET" || path.includes("/bulk");
      expect([path, isRefused]).toEqual([path, true]);
      for (const word of [...NORTHERN, acme.keyId]) expect(nothing.text).not.toContain(word);
    }
    expect(await everythingStored()).toEqual(before);
  });

  it("is there for a key of the tag, and for one that is not narrowed", async () => {
    const northern = await givenNorthern();
    const own = await northern.acme.givenKey({ tags: [northern.north] });
    for (const { path } of attempts(northern).filter(() => method === "GET")) {
      const [seen, whole] = [await own.call("GET", path), await northern.acme.call("GET", path)];
      // No replay runs.
      expect([path, seen.status]).toEqual([path, path.endsWith("/replay") ? 404 : 200]);
      // These hold more than one thing, or what is not all the tag's.
      const isOne = !/^\/(tags|keys|audit-log|events\b)|\/deliveries$/.test(path);
      expect([path, isOne ? seen.json : whole.json]).toEqual([path, whole.json]);
    }
  });
});
