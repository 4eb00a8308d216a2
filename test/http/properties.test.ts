import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ERRORS } from "../../src/platform/errors";
import type { Answer } from "../support/call";
import { givenAccount } from "../support/given-account";
import { givenQueue, givenReceivers } from "../support/pipeline";
import { callAs, PROTECTED_ROUTES } from "../support/protected-routes";

const RUNS = 300;

/** Any text that JavaScript can hold, halves of characters included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

/** Values that some field takes, so that calls get past the first check. */
const likely = fc.constantFrom<unknown>(
  "192837465",
  "100000001",
  "mine",
  "https",
  "usage",
  "https://receiver.acme.com/{type}",
  "2026-03-10 12:00:00",
  "2026-03-10T12:00:00Z",
  "0000-01-01 00:00:00",
  "1000",
  "dk",
  "online:true",
  "tag:mine",
  "time:2026-03",
  "sim_id:192837465",
  "country_code:dk",
  "-usage",
  "hours",
  "#5ba571",
  "242",
  "01",
  { url: "https://a.example.com/" },
  { host: "a.example.com", port: 1, ca: "\u0001" },
  [{ id: "192837465", account_id: "nobody" }],
  [{ type: "usage", sim_id: "192837465" }],
  [{ mcc: "242", mnc: null }],
  ["00000000-0000-4000-8000-000000000000"],
  [],
  true,
  null,
  1,
);

const FIELDS = [
  ...Object.keys(ERRORS).flatMap((code) => /^(.+)_invalid$/.exec(code)?.[1] ?? []),
  "sims",
  "events",
  "__proto__",
  "constructor",
];

/** Good parameters for a group's calls, some of them changed to whatever values. */
function bodyLike(good: object) {
  const change = fc.tuple(
    fc.constantFrom(...Object.keys(good), ...Object.keys(good), ...FIELDS),
    fc.oneof(likely, likely, anyText, fc.jsonValue()),
  );
  const object = fc
    .array(change, { maxLength: 4 })
    .map((changes) => JSON.stringify({ ...good, ...Object.fromEntries(changes) }));
  const other = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 64 }),
  );
  return fc.oneof({ weight: 4, arbitrary: object }, { weight: 1, arbitrary: other });
}

const query = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(...FIELDS, "filter[]", "filter[time]", "limit", "next_page"),
        anyText,
      ),
      fc.oneof(likely.map(String), anyText),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => new URLSearchParams(pairs).toString());

/** A part of a path, encoded well or not. */
const segment = fc.oneof(
  anyText.map((value) => encodeURIComponent(value.toWellFormed())),
  fc.string({ unit: fc.constantFrom("%", "0", "f", ".", "~", ";", "a", "+") }),
);

/** A header's value: any printable ASCII. */
const headerValue = fc.string({ unit: "grapheme-ascii" });

/** What is wrong with an answer that is neither a success nor a refusal as declared. */
function problemOf(asked: string, answer: Answer): string | undefined {
  const { status, text, headers, json } = answer;
  const said = `${asked}: ${status} ${text}`;
  if (!headers.get("content-type")?.startsWith("application/json")) return `not JSON: ${said}`;
  if (status >= 200 && status < 300) return undefined;
  const code: string = json.error;
  const declared = Object.entries(ERRORS).find(([one]) => one === code);
  if (!declared) return `not declared: ${said}`;
  const [, [declaredStatus]] = declared;
  if (status >= 500 || status !== declaredStatus) return `wrong status: ${said}`;
  const detail = headers.get("x-error-detail") ?? "";
  if (!/^[ -~]{1,200}$/.test(detail)) return `no good detail: ${detail}: ${said}`;
  return text === `{"error":"${code}"}` ? undefined : `says more than its code: ${said}`;
}

/** The routes at a path and below it. */
const routesOf = (prefix: string) =>
  PROTECTED_ROUTES.filter(({ path }) => `${path}/`.startsWith(`${prefix}/`));
const SIM = { id: "192837465", alias: "drone", active: true, connector: "mine" };
const CONNECTOR = {
  id: "mine",
  type: "tls",
  options: { host: "a.example.com", port: 1, ca: "x" },
  passthrough: [{ protocol: "tcp", ip: "192.0.2.1", port: 1 }],
};
const FLEET_CONNECTOR = {
  name: "mine",
  type: "tls",
  options: { host: "a.example.com", port: 1, ca: "x" },
  passthrough: [{ protocol: "tcp", ip: "192.0.2.1", port: 1 }],
  tags: [],
  meta: {},
};
const FLEET_SIM = {
  id: "192837465",
  label: "drone",
  network_whitelist: "mine",
  imei_lock: "358299840000001",
  connector: "mine",
  activated: false,
  tags: [],
  data_limit: { total: 1_000_000, alert_threshold: null },
  technologies: { sms: false },
};
const NETWORK_LIST = { name: "mine", networks: [{ mcc: "238", mnc: "01" }], tags: [] };
const TAG = { name: "mine", color: "#5ba571" };
const KEY = {
  name: "server",
  scopes: ["*"],
  expires_at: "2999-01-01 00:00:00",
  allowed_ips: [],
  overlap_seconds: 60,
};
const WEBHOOK = { url: "https://receiver.acme.com/", authorization: "x", exclude_types: ["usage"] };
const REPLAY = { since: "2026-03-10 12:00:00", status: "failed", type: "usage", dry_run: true };
const CARD = { id: "192837465", iccid: "8945123456789012345", account_id: "nobody" };
const EVENT = {
  type: "network-validation",
  time: "2026-03-10 12:00:00",
  sim_id: "192837465",
  imei: "1234567890987654",
  country_code: "dk",
};
const GROUPS: [group: string, good: object, routes: typeof PROTECTED_ROUTES][] = [
  ["/sim", SIM, routesOf("/sim")],
  ["/connector", CONNECTOR, routesOf("/connector")],
  ["/connectors", FLEET_CONNECTOR, routesOf("/connectors")],
  ["/network-whitelists", NETWORK_LIST, routesOf("/network-whitelists")],
  ["/tags", TAG, routesOf("/tags")],
  ["/sims", FLEET_SIM, routesOf("/sims")],
  ["/usage", {}, routesOf("/usage")],
  ["/network-logs", {}, routesOf("/network-logs")],
  ["/webhooks", WEBHOOK, routesOf("/webhooks").filter(({ path }) => !path.includes(":id/"))],
  ["/webhooks/:id/...", REPLAY, routesOf("/webhooks").filter(({ path }) => path.includes(":id/"))],
  ["/events", {}, routesOf("/events")],
  ["/keys", KEY, routesOf("/keys")],
  [
    "/operator/accounts",
    { name: "Acme", rate_limit: 1000 },
    [...routesOf("/operator/accounts"), ...routesOf("/operator/keys")],
  ],
  ["/operator/sims", { sims: [CARD] }, routesOf("/operator/sims")],
  ["/operator/events", { events: [EVENT] }, routesOf("/operator/events")],
  ["/operator/reseal", { limit: 1 }, routesOf("/operator/reseal")],
  [
    "/audit-log",
    {},
    [
      ...routesOf("/audit-log"),
      ...routesOf("/operator/audit-log"),
      ...routesOf("/operator/health"),
    ],
  ],
];

it.each(GROUPS)(
  "%s answers whatever it is sent with a success or a declared refusal",
  async (_, good, routes) => {
    const acme = await givenAccount();
    await acme.givenSim({ id: "192837465" });
    await acme.givenConnector("mine");
    await acme.call("POST", "/network-whitelists", { name: "mine" });
    const tag = await acme.givenTag("mine");
    const { id: webhook } = await acme.givenWebhook();
    const other = await acme.givenKey({});
    givenReceivers();
    // The real one would be consumed while other tests run.
    const queue = givenQueue();
    const property = fc.asyncProperty(
      fc.constantFrom(...routes),
      query,
      bodyLike(good),
      fc.option(segment, { nil: undefined }),
      async ({ method, path, caller }, search, sent, id) => {
        const ids = { "/webhooks": webhook, "/tags": tag.id, "/keys": other.id };
        const known = Object.entries(ids).find(([start]) => path.startsWith(start))?.[1] ?? acme.id;
        const at = path
          .replace(":sim_id", id ?? "192837465")
          .replace(":tag_id", id ?? tag.id)
          .replace(":id", id ?? known)
          .replace(":name", id ?? "mine");
        const asked = `${at}?${search}`;
        const send = callAs(caller, acme);
        // A GET of the platform cannot have a body.
        const body = path.endsWith("/bulk") && typeof sent === "string" ? `[${sent}]` : sent;
        const answer = await send(method, asked, method === "GET" ? undefined : body, {
          env: { EVENTS: queue, DELIVERIES: queue, REPLAYS: queue },
        });
        expect(problemOf(`${method} ${asked}`, answer)).toBeUndefined();
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  },
  30_000,
);

it("answers whatever path it is asked for", async () => {
  const acme = await givenAccount();
  const property = fc.asyncProperty(
    fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
    fc.array(fc.oneof(segment, fc.constantFrom("sim", "webhooks", "operator", "keys", ""))),
    async (method, segments) => {
      const path = `/${segments.join("/")}`;
      const answer = await acme.call(method, path);
      expect(problemOf(`${method} ${path}`, answer)).toBeUndefined();
    },
  );
  await fc.assert(property, { numRuns: RUNS });
}, 30_000);

it("answers whatever its headers hold", async () => {
  const acme = await givenAccount();
  const names = [
    "x-d1-bookmark",
    "content-type",
    "accept",
    "x-request-id",
    "cf-connecting-ip",
    "cookie",
  ];
  const property = fc.asyncProperty(
    fc.oneof(
      headerValue,
      headerValue.map((value) => `Bearer ${value}`),
      fc.constant(acme.key),
    ),
    fc.dictionary(fc.constantFrom(...names), headerValue),
    fc.constantFrom("/sim?id=192837465", "/usage", "/operator/accounts"),
    async (authorization, headers, path) => {
      const answer = await acme.call("GET", path, undefined, {
        headers: { ...headers, authorization },
      });
      const asked = `GET ${path} ${JSON.stringify({ ...headers, authorization })}`;
      expect(problemOf(asked, answer)).toBeUndefined();
    },
  );
  await fc.assert(property, { numRuns: RUNS });
}, 30_000);
