import { describe, expect, it } from "vitest";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";
import { PROTECTED_ROUTES } from "../support/protected-routes";

it("answers a key's holder at its root", async () => {
  const acme = await givenAccount();
  expect(await acme.call("GET", "/")).toAnswer(200, { message: "OK" });
});

it.each([
  "/nowhere",
  "/sims/192837465/x",
  "/sim/192837465",
  "/SIM",
  "//sim",
  "/operator",
  "/operator/",
  "/webhooks/a/b",
  "/%00",
  "/%ff",
  "/.env",
])("knows nothing at %s", async (path) => {
  const acme = await givenAccount();
  for (const method of ["GET", "POST", "DELETE", "PURGE"])
    expect(await acme.call(method, path)).toAnswer(404, "not_found");
});

it("refuses another method before it looks at the key", async () => {
  expect(await call("PATCH", "/sim")).toAnswer(405, "method_not_allowed");
});

describe("HEAD", () => {
  const readable = PROTECTED_ROUTES.filter(
    ({ method, caller }) => method === "GET" && caller === "customer",
  );

  const QUERIES: Record<string, (id: string) => string> = {
    "/sim": (id) => `?id=${id}`,
    "/connector": (id) => `?id=${id}`,
    "/sims/find": (id) => `?search=${id}`,
  };

  it.each(readable)("$path is answered as GET is, without the body", async ({ url }) => {
    const acme = await givenAccount();
    const id = await acme.givenSim();
    await acme.givenConnector(id);
    const { id: webhook } = await acme.givenWebhook();
    const query = QUERIES[url]?.(id) ?? "";
    const path = url.includes("/webhooks/") ? `/webhooks/${webhook}` : url + query;
    const [head, get] = [await acme.call("HEAD", path), await acme.call("GET", path)];
    expect(get.status).toBe(
      /^\/(events|connectors|network-(whitelists|logs)|usage|sims(?=\/\d))\//.test(url) ? 404 : 200,
    );
    expect({ status: head.status, text: head.text }).toEqual({ status: get.status, text: "" });
  });
});

it("links every refusal to its explanation", async () => {
  const acme = await givenAccount();
  const refusals = [
    await acme.call("GET", "/sim"),
    await call("GET", "/sim"),
    await acme.call("GET", "/operator/accounts"),
    await acme.call("GET", "/sim?id=192837465"),
    await acme.call("GET", "/nowhere"),
    await acme.call("PATCH", "/sim"),
    await acme.call("POST", "/sim", "x".repeat(300_000)),
    await call("GET", "/", undefined, { origin: "http://api.example.com" }),
  ];
  for (const { text, json, headers } of refusals) {
    expect(text).toBe(`{"error":"${json.error}"}`);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.get("link")).toMatch(
      /^<https?:\/\/api\.example\.com\/docs#[a-z_]+>; rel="help"$/,
    );
    expect(headers.get("link")).toContain(`/docs#${json.error}>`);
  }
});

it("gives every answer an id of its own, whatever the caller sends", async () => {
  const acme = await givenAccount();
  const headers = { "x-request-id": "mine" };
  const ids = new Set<string | null>();
  for (const path of ["/", "/sim", "/nowhere"])
    ids.add((await acme.call("GET", path, undefined, { headers })).headers.get("x-request-id"));
  expect(ids.size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[-0-9a-f]{36}$/);
});
