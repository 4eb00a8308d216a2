import { expect, it } from "vitest";
import { givenAccount } from "../support/given-account";
import { callAs } from "../support/protected-routes";
import { everythingStored } from "../support/stored";

const LONG = "x".repeat(10_000);
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: [deep(levels - 1)] });

/** Values that no field of the API takes. */
const NEVER: unknown[] = [
  -1,
  1.5,
  1e300,
  LONG,
  "",
  "\0",
  "a\0b",
  "\ud800",
  "\udc00\ud800",
  "\u001b[31m",
  [],
  [[]],
  {},
  { $ne: null },
  JSON.parse('{"__proto__":{"admin":true}}'),
  deep(200),
];

const SIM = { id: "192837465", alias: "drone", active: true, connector: "mine" };
const HTTPS = { id: "fresh", type: "https", options: { url: "https://a.example.com/" } };
const FLEET_CONNECTOR = { name: "fresh", type: HTTPS.type, options: HTTPS.options };
const WEBHOOK = { url: "https://receiver.acme.com/", label: "x", authorization: "x" };

interface Field {
  method: string;
  path: string;
  field: string;
  good: object;
  /** What the field takes after all. */
  takes?: (value: unknown) => boolean;
  error?: string;
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

const FIELDS: Field[] = [
  ...["POST", "PUT"].flatMap((method) =>
    ["id", "alias", "active", "connector"].map((field) => ({
      method,
      path: "/sim",
      field,
      good: SIM,
    })),
  ),
  { method: "DELETE", path: "/sim", field: "id", good: SIM },
  ...["POST", "PUT"].flatMap((method) =>
    ["id", "type", "options", "passthrough"].map((field) => ({
      method,
      path: "/connector",
      field,
      good: HTTPS,
      takes: (value: unknown) => field === "passthrough" && isEmptyList(value),
    })),
  ),
  {
    method: "DELETE",
    path: "/connector",
    field: "id",
    good: HTTPS,
    takes: (value) => value === "fresh",
  },
  ...["url", "authorization", "label", "active", "exclude_types"].map((field) => ({
    method: "POST",
    path: "/webhooks",
    field,
    good: WEBHOOK,
    takes: (value: unknown) => field === "exclude_types" && isEmptyList(value),
  })),
  ...["name", "type", "options", "passthrough", "tags"].map((field) => ({
    method: "POST",
    path: "/connectors",
    field,
    good: FLEET_CONNECTOR,
    takes: (value: unknown) => ["passthrough", "tags"].includes(field) && isEmptyList(value),
  })),
  ...["name", "networks", "tags"].map((field) => ({
    method: "POST",
    path: "/network-whitelists",
    field,
    good: { name: "x" },
    takes: (value: unknown) => field !== "name" && isEmptyList(value),
  })),
  ...["name", "color"].map((field) => ({
    method: "POST",
    path: "/tags",
    field,
    good: { name: "x" },
  })),
  { method: "POST", path: "/operator/accounts", field: "name", good: { name: "x" } },
  {
    method: "PUT",
    path: "/operator/sims",
    field: "sims",
    good: {},
    takes: (value) => Array.isArray(value) && value.length > 0,
  },
  {
    method: "POST",
    path: "/operator/events",
    field: "events",
    good: {},
    takes: (value) => Array.isArray(value) && value.length > 0,
  },
];

it.each(FIELDS)("$method $path refuses what $field never is, and stores nothing", async (given) => {
  const { method, path, field, good, takes = () => false } = given;
  const acme = await givenAccount();
  await acme.givenConnector("mine");
  const send = callAs(path.startsWith("/operator") ? "operator" : "customer", acme);
  const before = await everythingStored();
  for (const value of NEVER) {
    if (takes(value)) continue;
    const answer = await send(method, path, { ...good, [field]: value });
    expect([JSON.stringify(value).slice(0, 99), answer.status, answer.text]).toEqual([
      JSON.stringify(value).slice(0, 99),
      400,
      `{"error":"${field}_invalid"}`,
    ]);
  }
  const list = JSON.stringify([good]);
  expect(await send(method, path, list)).toAnswer(400, "json_invalid");
  expect(await everythingStored()).toEqual(before);
});

it("takes a number for no id, though its digits are those of a SIM", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  for (const method of ["PUT", "DELETE"])
    expect(await acme.call(method, "/sim", { id: Number(id) })).toAnswer(400, "id_invalid");
  expect((await acme.call("GET", `/sim?id=${id}`)).status).toBe(200);
});
