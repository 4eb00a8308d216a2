import { iccidOf } from "../../../src/api/sims/iccid";
import { PLAIN_SIM, PLAIN_WEBHOOK } from "../../support/audit";
import type { Answer } from "../../support/call";
import { givenAccount } from "../../support/given-account";

/** An account with one of everything; `free*` is used by nothing. */
export async function givenWorld() {
  const acme = await givenAccount();
  const tag = (await acme.givenTag("tagged")).id;
  const freeTag = (await acme.givenTag("free")).id;
  const sim = await acme.givenSim({ alias: "drone" });
  await acme.call("PUT", `/sims/${sim}/tags/${tag}`);
  const connector = {
    id: "my-connector",
    type: "https",
    options: { url: "https://sink.example.com/", authorization: SECRETS.connector },
  };
  await acme.call("POST", "/connector", connector);
  await acme.call("POST", "/network-whitelists", { name: "home", networks: [{ mcc: "238" }] });
  const webhook = await acme.givenWebhook({ authorization: SECRETS.webhook });
  const spareKey = (await acme.givenKey({ name: "spare", scopes: ["sims:read"] })).id;
  const unknown = crypto.randomUUID();
  return {
    acme,
    spareKey,
    tag,
    freeTag,
    sim,
    webhook: webhook.id,
    signing: webhook.secret,
    unknown,
  };
}
export type World = Awaited<ReturnType<typeof givenWorld>>;

/** What must not be found in the log. */
export const SECRETS = {
  connector: "hush-hush-connector",
  webhook: "hush-hush-webhook",
  other: "hush-hush-other",
};

interface Expected {
  action: string;
  subject: string;
  sim?: string;
  before: object | null;
  after: object | null;
}

interface Asked {
  path: string;
  body?: unknown;
}

/** A call that changes something, the entries that it leaves, and one that is refused (or changes nothing). */
interface Write {
  done: Asked;
  entries: (answer: Answer) => Expected[];
  refused?: Asked;
}

/** Changes nothing that is audited: it puts something on a queue, or sends it. */
const nothing = (done: Asked): Write => ({ done, entries: () => [] });

const CARD = {
  iccid: "8945123456789012345",
  imsi: "238010000000001",
  msisdn: null,
  ipv4: null,
  eid: null,
};
const TLS = { type: "tls", options: { host: "a.example.com", port: 1 } };
const HTTPS = { type: "https", options: { url: "https://sink.example.com/" } };
const LIMITS = {
  scopes: ["usage:read"],
  expires_at: "2999-01-01T00:00:00.000Z",
  allowed_ips: ["192.0.2.0/24"],
  tags: null,
};
const SPARE_LIMITS = { scopes: ["sims:read"], expires_at: null, allowed_ips: [], tags: null };
const ALL_LIMITS = { scopes: ["*"], expires_at: null, allowed_ips: [], tags: null };
const REST = { passthrough: [], tags: [] };

/** Each route that writes. */
export const WRITES: Record<string, (world: World) => Write> = {
  "POST /sim": ({ sim }) => ({
    done: { path: "/sim", body: { id: "999999999", alias: "new", active: false } },
    entries: () => [
      {
        action: "sim.created",
        subject: "999999999",
        sim: "999999999",
        before: null,
        after: { ...PLAIN_SIM, label: "new", activated: false, iccid: iccidOf("999999999") },
      },
    ],
    refused: { path: "/sim", body: { id: sim } },
  }),
  "PUT /sim": ({ sim }) => ({
    done: { path: "/sim", body: { id: sim, active: false, connector: "my-connector" } },
    entries: () => [
      changedSim(
        sim,
        { label: "drone", activated: true, connector: null },
        { label: null, activated: false, connector: "my-connector" },
      ),
    ],
    refused: { path: "/sim", body: { id: sim, connector: "nobodys" } },
  }),
  "DELETE /sim": ({ sim, tag }) => ({
    done: { path: `/sim?id=${sim}` },
    entries: () => [
      {
        action: "sim.deleted",
        subject: sim,
        sim,
        before: { ...PLAIN_SIM, label: "drone", tags: [tag], iccid: iccidOf(sim) },
        after: null,
      },
    ],
    refused: { path: "/sim?id=999999999" },
  }),
  "PATCH /sims/:sim_id": ({ sim }) => ({
    done: {
      path: `/sims/${sim}`,
      body: {
        label: "drone",
        network_whitelist: "home",
        imei_lock: "358299840000001",
        data_limit: { total: 1_000_000, alert_threshold: 500_000 },
        technologies: { sms: false },
      },
    },
    entries: () => [
      changedSim(
        sim,
        {
          network_whitelist: null,
          imei_lock: null,
          data_limit: PLAIN_SIM.data_limit,
          technologies: PLAIN_SIM.technologies,
        },
        {
          network_whitelist: "home",
          imei_lock: "358299840000001",
          data_limit: { total: 1_000_000, alert_threshold: 500_000 },
          technologies: { ...PLAIN_SIM.technologies, sms: false },
        },
      ),
    ],
    refused: { path: `/sims/${sim}`, body: { connector: "nobodys", label: "x" } },
  }),
  "PATCH /sims/bulk": ({ sim }) => ({
    done: {
      path: "/sims/bulk",
      body: [
        { id: sim, activated: false },
        { id: "999999999", activated: false },
      ],
    },
    entries: () => [changedSim(sim, { activated: true }, { activated: false })],
    refused: { path: "/sims/bulk", body: [{ id: sim, activated: false, connector: "nobodys" }] },
  }),
  "PUT /sims/:sim_id/tags/:tag_id": ({ sim, tag, freeTag }) => ({
    done: { path: `/sims/${sim}/tags/${freeTag}` },
    entries: () => [changedSim(sim, { tags: [tag] }, { tags: [tag, freeTag] })],
    refused: { path: `/sims/${sim}/tags/${tag}` },
  }),
  "DELETE /sims/:sim_id/tags/:tag_id": ({ sim, tag, freeTag }) => ({
    done: { path: `/sims/${sim}/tags/${tag}` },
    entries: () => [changedSim(sim, { tags: [tag] }, { tags: [] })],
    refused: { path: `/sims/${sim}/tags/${freeTag}` },
  }),
  "POST /connector": () => ({
    done: { path: "/connector", body: { id: "second", ...TLS } },
    entries: () => [
      made("connector", "second", { name: "second", ...TLS, passthrough: [], tags: [], meta: {} }),
    ],
    refused: { path: "/connector", body: { id: "my-connector", ...TLS } },
  }),
  "PUT /connector": () => ({
    done: {
      path: "/connector",
      body: { id: "my-connector", ...TLS, options: { ...TLS.options, ca: SECRETS.other } },
    },
    entries: () => [
      {
        action: "connector.changed",
        subject: "my-connector",
        before: { ...HTTPS, meta: { authorization: "set", ca: null } },
        after: { ...TLS, meta: { authorization: null, ca: "set" } },
      },
    ],
    // What says the same as before changes nothing.
    refused: { path: "/connector", body: { id: "my-connector", ...HTTPS } },
  }),
  "DELETE /connector": () => ({
    done: { path: "/connector?id=my-connector" },
    entries: () => [gone("connector", "my-connector", MY_CONNECTOR)],
    refused: { path: "/connector?id=nobodys" },
  }),
  "POST /connectors": ({ unknown }) => ({
    done: { path: "/connectors", body: { name: "second", ...HTTPS } },
    entries: () => [made("connector", "second", { name: "second", ...HTTPS, ...REST, meta: {} })],
    refused: { path: "/connectors", body: { name: "third", ...HTTPS, tags: [unknown] } },
  }),
  "PATCH /connectors/:name": ({ freeTag, unknown }) => ({
    done: {
      path: "/connectors/my-connector",
      body: { options: { authorization: SECRETS.other }, tags: [freeTag] },
    },
    entries: () => [
      {
        action: "connector.changed",
        subject: "my-connector",
        before: { tags: [], meta: { authorization: "set" } },
        after: { tags: [freeTag], meta: { authorization: "set" } },
      },
    ],
    refused: { path: "/connectors/my-connector", body: { tags: [unknown] } },
  }),
  "DELETE /connectors/:name": () => ({
    done: { path: "/connectors/my-connector" },
    entries: () => [gone("connector", "my-connector", MY_CONNECTOR)],
    refused: { path: "/connectors/nobodys" },
  }),
  "POST /network-whitelists": () => ({
    done: { path: "/network-whitelists", body: { name: "new" } },
    entries: () => [made("network_whitelist", "new", { name: "new", networks: [], tags: [] })],
    refused: { path: "/network-whitelists", body: { name: "home" } },
  }),
  "PATCH /network-whitelists/:name": ({ unknown }) => ({
    done: { path: "/network-whitelists/home", body: { networks: [] } },
    entries: () => [
      {
        action: "network_whitelist.changed",
        subject: "home",
        before: { networks: [{ mcc: "238", mnc: null }] },
        after: { networks: [] },
      },
    ],
    refused: { path: "/network-whitelists/home", body: { tags: [unknown] } },
  }),
  "DELETE /network-whitelists/:name": () => ({
    done: { path: "/network-whitelists/home" },
    entries: () => [
      gone("network_whitelist", "home", {
        name: "home",
        networks: [{ mcc: "238", mnc: null }],
        tags: [],
      }),
    ],
    refused: { path: "/network-whitelists/away" },
  }),
  "POST /tags": () => ({
    done: { path: "/tags", body: { name: "new", color: "#00ff00" } },
    entries: ({ json }) => [made("tag", json.id, { name: "new", color: "#00ff00" })],
    refused: { path: "/tags", body: { name: "free" } },
  }),
  "PATCH /tags/:id": ({ tag }) => ({
    done: { path: `/tags/${tag}`, body: { name: "renamed" } },
    entries: () => [
      {
        action: "tag.changed",
        subject: tag,
        before: { name: "tagged" },
        after: { name: "renamed" },
      },
    ],
    refused: { path: `/tags/${tag}`, body: { name: "free" } },
  }),
  "DELETE /tags/:id": ({ tag, freeTag }) => ({
    done: { path: `/tags/${freeTag}` },
    entries: () => [gone("tag", freeTag, { name: "free", color: null })],
    refused: { path: `/tags/${tag}` },
  }),
  "POST /webhooks": ({ unknown }) => ({
    done: { path: "/webhooks", body: { url: "https://a.acme.com/", label: "new" } },
    entries: ({ json }) => [
      made("webhook", json.id, {
        ...PLAIN_WEBHOOK,
        url: "https://a.acme.com/",
        label: "new",
        meta: { authorization: null, secret: "set" },
      }),
    ],
    refused: { path: "/webhooks", body: { url: "https://a.acme.com/", tags: [unknown] } },
  }),
  "PATCH /webhooks/:id": ({ webhook, unknown }) => ({
    done: {
      path: `/webhooks/${webhook}`,
      body: { url: "https://b.acme.com/", authorization: SECRETS.other, exclude_types: ["usage"] },
    },
    entries: () => [
      {
        action: "webhook.changed",
        subject: webhook,
        before: { url: WEBHOOK_URL, exclude_types: [], meta: { authorization: "set" } },
        after: {
          url: "https://b.acme.com/",
          exclude_types: ["usage"],
          meta: { authorization: "set" },
        },
      },
    ],
    refused: { path: `/webhooks/${webhook}`, body: { active: false, tags: [unknown] } },
  }),
  "DELETE /webhooks/:id": ({ webhook, unknown }) => ({
    done: { path: `/webhooks/${webhook}` },
    entries: () => [
      gone("webhook", webhook, {
        ...PLAIN_WEBHOOK,
        url: WEBHOOK_URL,
        meta: { authorization: "set", secret: "set" },
      }),
    ],
    refused: { path: `/webhooks/${unknown}` },
  }),
  "POST /webhooks/:id/rotate-secret": ({ webhook, unknown }) => ({
    done: { path: `/webhooks/${webhook}/rotate-secret` },
    entries: () => [
      {
        action: "webhook.secret_rotated",
        subject: webhook,
        before: { meta: { secret: "set" } },
        after: { meta: { secret: "set" } },
      },
    ],
    refused: { path: `/webhooks/${unknown}/rotate-secret` },
  }),
  "POST /webhooks/:id/replay": ({ webhook }) =>
    nothing({ path: `/webhooks/${webhook}/replay`, body: { since: "2026-01-01T00:00:00Z" } }),
  "DELETE /webhooks/:id/replay": ({ webhook }) => nothing({ path: `/webhooks/${webhook}/replay` }),
  "POST /webhooks/:id/test": ({ webhook }) => nothing({ path: `/webhooks/${webhook}/test` }),
  "POST /keys": () => ({
    done: { path: "/keys", body: { name: "reader", ...LIMITS } },
    entries: ({ json }) => [made("key", json.id, { name: "reader", ...LIMITS, revoked_at: null })],
    refused: { path: "/keys", body: { name: "reader", scopes: [] } },
  }),
  "PATCH /keys/:id": ({ acme, spareKey, tag }) => ({
    done: { path: `/keys/${spareKey}`, body: { name: "spare", ...LIMITS, tags: [tag] } },
    entries: () => [
      {
        action: "key.changed",
        subject: spareKey,
        before: { scopes: ["sims:read"], expires_at: null, allowed_ips: [], tags: null },
        after: { ...LIMITS, tags: [tag] },
      },
    ],
    // The last that may change keys.
    refused: { path: `/keys/${acme.keyId}`, body: { scopes: ["sims:read"] } },
  }),
  "DELETE /keys/:id": ({ acme, spareKey }) => ({
    done: { path: `/keys/${spareKey}` },
    entries: () => [revoked(spareKey)],
    refused: { path: `/keys/${acme.keyId}` },
  }),
  "POST /keys/:id/rotate": ({ spareKey, unknown }) => ({
    done: { path: `/keys/${spareKey}/rotate` },
    entries: ({ json }) => [
      made("key", json.id, { name: "spare", ...SPARE_LIMITS, revoked_at: null }),
      {
        action: "key.changed",
        subject: spareKey,
        before: { expires_at: null },
        after: { expires_at: TIME },
      },
    ],
    refused: { path: `/keys/${unknown}/rotate` },
  }),
  "PATCH /operator/accounts/:id": ({ acme, unknown }) => ({
    done: { path: `/operator/accounts/${acme.id}`, body: { rate_limit: 1000 } },
    entries: () => [
      {
        action: "account.changed",
        subject: acme.id,
        before: { rate_limit: null },
        after: { rate_limit: 1000 },
      },
    ],
    refused: { path: `/operator/accounts/${unknown}`, body: { rate_limit: 1000 } },
  }),
  "POST /operator/accounts": () => ({
    done: { path: "/operator/accounts", body: { name: "Globex" } },
    entries: ({ json }) => [made("account", json.id, { name: "Globex" })],
    refused: { path: "/operator/accounts", body: { name: "" } },
  }),
  "POST /operator/accounts/:id/keys": ({ acme, unknown }) => ({
    done: { path: `/operator/accounts/${acme.id}/keys`, body: { name: "second" } },
    entries: ({ json }) => [
      made("key", json.id, { name: "second", ...ALL_LIMITS, revoked_at: null }),
    ],
    refused: { path: `/operator/accounts/${unknown}/keys`, body: { name: "second" } },
  }),
  "DELETE /operator/keys/:id": ({ acme, unknown }) => ({
    done: { path: `/operator/keys/${acme.keyId}` },
    entries: () => [revoked(acme.keyId)],
    refused: { path: `/operator/keys/${unknown}` },
  }),
  "PUT /operator/sims": ({ acme, sim, unknown }) => ({
    done: { path: "/operator/sims", body: { sims: [{ id: sim, ...CARD, account_id: acme.id }] } },
    entries: () => [
      changedSim(sim, { iccid: iccidOf(sim), imsi: null }, { iccid: CARD.iccid, imsi: CARD.imsi }),
      { action: "card.issued", subject: sim, sim, before: null, after: CARD },
    ],
    refused: { path: "/operator/sims", body: { sims: [{ id: sim, account_id: unknown }] } },
  }),
  // Nothing was sealed by another key: test/api/operator/reseal/rotation.test.ts has a rotation.
  "POST /operator/reseal": () => ({
    done: { path: "/operator/reseal" },
    entries: () => [],
    refused: { path: "/operator/reseal", body: { limit: 0 } },
  }),
  "POST /operator/events": ({ sim }) =>
    nothing({
      path: "/operator/events",
      body: {
        events: [{ type: "network-deregistration", time: "2026-03-01 00:00:00", sim_id: sim }],
      },
    }),
  "DELETE /operator/events/unmatched": () =>
    nothing({ path: "/operator/events/unmatched?reason=sim_not_found" }),
  "DELETE /operator/events/unmatched/:id": () => nothing({ path: "/operator/events/unmatched/1" }),
  "POST /operator/events/unmatched/retry": () =>
    nothing({ path: "/operator/events/unmatched/retry" }),
  "POST /operator/events/unmatched/:id/retry": () =>
    nothing({ path: "/operator/events/unmatched/1/retry" }),
};

const WEBHOOK_URL = "https://receiver.acme.com/{type}";
const MY_CONNECTOR = { name: "my-connector", ...HTTPS, ...REST, meta: { authorization: "set" } };

/** Stands for any time. */
export const TIME = "2026-01-01T00:00:00.000Z";

function made(thing: string, subject: string, after: object): Expected {
  return { action: `${thing}.created`, subject, before: null, after };
}

function gone(thing: string, subject: string, before: object): Expected {
  return { action: `${thing}.deleted`, subject, before, after: null };
}

function revoked(key: string): Expected {
  const [before, after] = [{ revoked_at: null }, { revoked_at: TIME }];
  return { action: "key.revoked", subject: key, before, after };
}

function changedSim(sim: string, before: object, after: object): Expected {
  return { action: "sim.changed", subject: sim, sim, before, after };
}
