import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { ErrorCode } from "../../src/platform/errors";
import { openPrimary } from "../../src/db/client";
import { eventId, parseEvent } from "../../src/events/schemas";
import { storeEvents } from "../../src/pipeline/ingest/store";
import { iccidOf } from "../../src/api/sims/iccid";
import { givenAccount } from "../support/given-account";
import { declaredRoutes } from "../support/protected-routes";
import { everythingStored } from "../support/stored";

/** Words of Acme's that no answer to another account may hold. */
const ACMES = [
  "acme-alias",
  "acme.example.com",
  "acme-secret",
  "bill-of-acme",
  "acme-label",
  "acme-tag",
];

/** Acme, with one of everything. */
async function givenAcme() {
  const acme = await givenAccount();
  const options = { url: "https://acme.example.com/", authorization: "acme-secret" };
  await acme.call("POST", "/connector", { id: "acme-connector", type: "https", options });
  const sim = await acme.givenSim({ alias: "acme-alias", connector: "acme-connector" });
  const webhook = await acme.givenWebhook({ label: "acme-label" });
  const { id: tag } = await acme.givenTag("acme-tag");
  const list = { name: "acme-list", networks: [{ mcc: "242" }], tags: [tag] };
  await acme.call("POST", "/network-whitelists", list);
  await acme.call("PATCH", "/connectors/acme-connector", { tags: [tag] });
  const parsed = parseEvent({
    type: "usage",
    time: new Date().toISOString(),
    bill_id: "bill-of-acme",
    sim_id: sim,
    country_code: "dk",
    operation: "update",
    upload: 1,
    download: 1,
  });
  if ("error" in parsed) throw new Error(parsed.error);
  await storeEvents(openPrimary(env.DB), [parsed.event]);
  const event = await eventId(parsed.event);
  return { account: acme.id, keyId: acme.keyId, sim, webhook: webhook.id, event, tag };
}

type Acme = Awaited<ReturnType<typeof givenAcme>>;

interface Attempt {
  path: string;
  body?: object;
  /** What another account is answered. */
  answer: [status: number, body?: ErrorCode | object];
}

const OK = { message: "OK" };
const OPERATOR_ONLY: Attempt["answer"] = [403, "operator_only"];
const NO_USAGE = { usage: [], upload: "0", download: "0", pagination: { has_more: false } };
const NO_FLEET_USAGE = {
  pagination: { has_more: false },
  usage: [],
  upload: "0",
  download: "0",
  as_of: null,
};
const NO_SIMS = { pagination: { has_more: false }, sims: [] };
const NO_ENTRIES = { entries: [], pagination: { has_more: false } };
const CONNECTOR = {
  id: "acme-connector",
  type: "https",
  options: { url: "https://a.example.net/" },
};

const OWN_CONNECTOR = {
  name: "acme-connector",
  type: "https",
  passthrough: [],
  tags: [],
  options: { url: "https://a.example.net/" },
  meta: { authorization: { is_set: false, last_updated_at: null } },
};

/** What another account tries with Acme's ids, for each route. */
const WALK: Record<string, (acme: Acme) => Attempt[]> = {
  "GET /": () => [{ path: "/", answer: [200, OK] }],
  "GET /sim": ({ sim }) => [{ path: `/sim?id=${sim}`, answer: [403, "id_forbidden"] }],
  "POST /sim": ({ sim }) => [
    { path: "/sim", body: { id: sim }, answer: [403, "id_forbidden"] },
    {
      path: "/sim",
      body: { id: "999999999", connector: "acme-connector" },
      answer: [404, "connector_not_found"],
    },
  ],
  "PUT /sim": ({ sim }) => [
    { path: "/sim", body: { id: sim, active: false }, answer: [403, "id_forbidden"] },
  ],
  "DELETE /sim": ({ sim }) => [
    { path: `/sim?id=${sim}`, answer: [403, "id_forbidden"] },
    { path: "/sim", body: { id: sim }, answer: [403, "id_forbidden"] },
  ],
  "GET /connector": () => [
    { path: "/connector?id=acme-connector", answer: [404, "connector_not_found"] },
  ],
  "PUT /connector": () => [
    { path: "/connector", body: CONNECTOR, answer: [404, "connector_not_found"] },
  ],
  "DELETE /connector": () => [
    { path: "/connector?id=acme-connector", answer: [404, "connector_not_found"] },
  ],
  "POST /connector": () => [{ path: "/connector", body: CONNECTOR, answer: [200, OK] }],
  "GET /sims": ({ tag }) => [
    { path: "/sims", answer: [200, NO_SIMS] },
    { path: "/sims?filter=connector:acme-connector", answer: [200, NO_SIMS] },
    { path: `/sims?filter=tag:${tag}`, answer: [200, NO_SIMS] },
    { path: "/sims?sort=-usage", answer: [200, NO_SIMS] },
  ],
  "GET /sims/find": ({ sim }) => [
    { path: `/sims/find?search=${sim}`, answer: [200, []] },
    { path: "/sims/find?search=acme-alias", answer: [200, []] },
    { path: "/sims/find?search=1", answer: [200, []] },
  ],
  "PATCH /sims/bulk": ({ sim }) => [
    {
      path: "/sims/bulk",
      body: [{ id: sim, activated: false }],
      answer: [200, { results: [{ index: 0, id: sim, error: "sim_not_found" }] }],
    },
  ],
  "GET /sims/:sim_id": ({ sim }) => [
    { path: `/sims/${sim}`, answer: [404, "sim_not_found"] },
    { path: `/sims/${iccidOf(sim)}`, answer: [404, "sim_not_found"] },
  ],
  "PATCH /sims/:sim_id": ({ sim }) => [
    { path: `/sims/${sim}`, body: { activated: false }, answer: [404, "sim_not_found"] },
    { path: `/sims/${iccidOf(sim)}`, body: { label: "x" }, answer: [404, "sim_not_found"] },
  ],
  "PUT /sims/:sim_id/tags/:tag_id": ({ sim, tag }) => [
    { path: `/sims/${sim}/tags/${tag}`, answer: [404, "sim_not_found"] },
  ],
  "DELETE /sims/:sim_id/tags/:tag_id": ({ sim, tag }) => [
    { path: `/sims/${sim}/tags/${tag}`, answer: [404, "sim_not_found"] },
  ],
  "GET /usage": ({ sim }) => [
    { path: `/usage?sim_id=${sim}`, answer: [403, "sim_id_forbidden"] },
    { path: "/usage", answer: [200, NO_FLEET_USAGE] },
    { path: `/usage?filter=sim_id:${sim}`, answer: [200, NO_FLEET_USAGE] },
    { path: `/usage?filter=sim_id:${iccidOf(sim)}`, answer: [200, NO_FLEET_USAGE] },
    { path: "/usage?group=sim", answer: [200, NO_FLEET_USAGE] },
    { path: `/usage?group=hours&filter=sim_id:${sim}`, answer: [200, NO_FLEET_USAGE] },
    { path: "/usage?group=network", answer: [200, NO_FLEET_USAGE] },
    { path: "/usage?time_end=2999-01-01T00:00:00Z", answer: [200, NO_USAGE] },
  ],
  "GET /connectors": () => [{ path: "/connectors", answer: [200, []] }],
  "POST /connectors": ({ tag }) => [
    { path: "/connectors", body: OWN_CONNECTOR, answer: [200, OWN_CONNECTOR] },
    {
      path: "/connectors",
      body: { ...OWN_CONNECTOR, name: "other", tags: [tag] },
      answer: [404, "tag_not_found"],
    },
  ],
  "GET /connectors/:name": () => [
    { path: "/connectors/acme-connector", answer: [404, "connector_not_found"] },
  ],
  "PATCH /connectors/:name": () => [
    { path: "/connectors/acme-connector", body: {}, answer: [404, "connector_not_found"] },
  ],
  "DELETE /connectors/:name": () => [
    { path: "/connectors/acme-connector", answer: [404, "connector_not_found"] },
  ],
  "GET /network-whitelists": () => [{ path: "/network-whitelists", answer: [200, []] }],
  "POST /network-whitelists": ({ tag }) => [
    {
      path: "/network-whitelists",
      body: { name: "acme-list" },
      answer: [200, { name: "acme-list", tags: [], networks: [] }],
    },
    {
      path: "/network-whitelists",
      body: { name: "other", tags: [tag] },
      answer: [404, "tag_not_found"],
    },
  ],
  "GET /network-whitelists/:name": () => [
    { path: "/network-whitelists/acme-list", answer: [404, "network_whitelist_not_found"] },
  ],
  "PATCH /network-whitelists/:name": () => [
    {
      path: "/network-whitelists/acme-list",
      body: { networks: [] },
      answer: [404, "network_whitelist_not_found"],
    },
  ],
  "DELETE /network-whitelists/:name": () => [
    { path: "/network-whitelists/acme-list", answer: [404, "network_whitelist_not_found"] },
  ],
  "GET /tags/search/tags": () => [
    {
      path: "/tags/search/tags",
      answer: [200, { count: 0, limit: 1000, offset: 0, total: 0, result: [] }],
    },
  ],
  "POST /tags": ({ tag }) => [
    { path: "/tags", body: { id: tag, name: "x" }, answer: [400, { error: "field_unknown" }] },
  ],
  "PATCH /tags/:id": ({ tag }) => [
    { path: `/tags/${tag}`, body: { name: "x" }, answer: [404, "tag_not_found"] },
  ],
  "DELETE /tags/:id": ({ tag }) => [{ path: `/tags/${tag}`, answer: [404, "tag_not_found"] }],
  "GET /usage/:sim_id": ({ sim }) => [
    { path: `/usage/${sim}`, answer: [404, "sim_not_found"] },
    { path: `/usage/${iccidOf(sim)}?group=days`, answer: [404, "sim_not_found"] },
  ],
  "GET /usage/tag-total/:tag_id": ({ tag }) => [
    { path: `/usage/tag-total/${tag}`, answer: [404, "tag_not_found"] },
  ],
  "GET /network-logs/:sim_id": ({ sim }) => [
    { path: `/network-logs/${sim}`, answer: [404, "sim_not_found"] },
    { path: `/network-logs/${iccidOf(sim)}`, answer: [404, "sim_not_found"] },
  ],
  "GET /webhooks": () => [{ path: "/webhooks", answer: [200, []] }],
  "POST /webhooks": ({ webhook, tag }) => [
    { path: "/webhooks", body: { id: webhook }, answer: [400, "url_invalid"] },
    {
      path: "/webhooks",
      body: { url: "https://receiver.globex.com/", tags: [tag] },
      answer: [404, "tag_not_found"],
    },
  ],
  "GET /webhooks/:id": ({ webhook }) => [
    { path: `/webhooks/${webhook}`, answer: [404, "webhook_not_found"] },
  ],
  "PATCH /webhooks/:id": ({ webhook }) => [
    { path: `/webhooks/${webhook}`, body: { active: false }, answer: [404, "webhook_not_found"] },
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
  "GET /events": () => [
    {
      path: "/events",
      answer: [200, { events: [], pagination: { has_more: false, next_page: "WzAsMF0" } }],
    },
  ],
  "GET /events/:id": ({ event }) => [
    { path: `/events/${event}`, answer: [404, "event_not_found"] },
  ],
  "GET /audit-log": ({ sim, keyId }) => [
    { path: `/audit-log?sim_id=${sim}`, answer: [200, NO_ENTRIES] },
    { path: `/audit-log?actor=${keyId}`, answer: [200, NO_ENTRIES] },
    { path: "/audit-log?action=sim", answer: [200, NO_ENTRIES] },
  ],
  "GET /keys": () => [{ path: "/keys", answer: [200] }],
  "POST /keys": () => [
    {
      path: "/keys",
      body: { name: "x", scopes: ["*"], account_id: "acme" },
      answer: [400, { error: "field_unknown" }],
    },
  ],
  "PATCH /keys/:id": ({ keyId }) => [
    { path: `/keys/${keyId}`, body: { name: "x" }, answer: [404, "key_not_found"] },
  ],
  "DELETE /keys/:id": ({ keyId }) => [{ path: `/keys/${keyId}`, answer: [404, "key_not_found"] }],
  "POST /keys/:id/rotate": ({ keyId }) => [
    { path: `/keys/${keyId}/rotate`, answer: [404, "key_not_found"] },
  ],
  "PATCH /operator/accounts/:id": ({ account }) => [
    { path: `/operator/accounts/${account}`, body: { rate_limit: 1 }, answer: OPERATOR_ONLY },
  ],
  "POST /operator/accounts": () => [
    { path: "/operator/accounts", body: { name: "x" }, answer: OPERATOR_ONLY },
  ],
  "GET /operator/accounts": () => [{ path: "/operator/accounts", answer: OPERATOR_ONLY }],
  "POST /operator/accounts/:id/keys": ({ account }) => [
    { path: `/operator/accounts/${account}/keys`, body: { name: "x" }, answer: OPERATOR_ONLY },
  ],
  "GET /operator/accounts/:id/keys": ({ account }) => [
    { path: `/operator/accounts/${account}/keys`, answer: OPERATOR_ONLY },
  ],
  "DELETE /operator/keys/:id": ({ keyId }) => [
    { path: `/operator/keys/${keyId}`, answer: OPERATOR_ONLY },
  ],
  "PUT /operator/sims": ({ account }) => [
    {
      path: "/operator/sims",
      body: { sims: [{ id: "999999999", account_id: account }] },
      answer: OPERATOR_ONLY,
    },
  ],
  "POST /operator/events": () => [
    { path: "/operator/events", body: { events: [{}] }, answer: OPERATOR_ONLY },
  ],
  "GET /operator/events/unmatched": () => [
    { path: "/operator/events/unmatched", answer: OPERATOR_ONLY },
  ],
  "DELETE /operator/events/unmatched": () => [
    { path: "/operator/events/unmatched?reason=x", answer: OPERATOR_ONLY },
  ],
  "DELETE /operator/events/unmatched/:id": () => [
    { path: "/operator/events/unmatched/1", answer: OPERATOR_ONLY },
  ],
  "POST /operator/events/unmatched/retry": () => [
    { path: "/operator/events/unmatched/retry", body: {}, answer: OPERATOR_ONLY },
  ],
  "POST /operator/events/unmatched/:id/retry": () => [
    { path: "/operator/events/unmatched/1/retry", answer: OPERATOR_ONLY },
  ],
  "GET /operator/health": () => [{ path: "/operator/health", answer: OPERATOR_ONLY }],
  "POST /operator/reseal": () => [
    { path: "/operator/reseal", body: { limit: 1 }, answer: OPERATOR_ONLY },
  ],
  "GET /operator/audit-log": ({ account }) => [
    { path: `/operator/audit-log?account_id=${account}`, answer: OPERATOR_ONLY },
  ],
};

it("walks every route", () => {
  expect(Object.keys(WALK).toSorted()).toEqual(declaredRoutes().toSorted());
});

it.each(Object.entries(WALK))("%s keeps accounts apart", async (route, attempts) => {
  const acme = await givenAcme();
  const globex = await givenAccount();
  await globex.call("GET", "/");
  const [method = ""] = route.split(" ");
  const ofAcme = async () =>
    Object.entries(await everythingStored()).map(([table, rows]) => [
      table,
      rows.filter((row) => row.account_id === acme.account || row.id === acme.account),
    ]);
  const before = await ofAcme();
  for (const { path, body, answer } of attempts(acme)) {
    const given = await globex.call(method, path, body);
    expect(given).toAnswer(...answer);
    for (const word of [...ACMES, acme.keyId]) expect(given.text).not.toContain(word);
  }
  expect(await ofAcme()).toEqual(before);
});
