import { expect, it } from "vitest";
import { call, callAsOperator } from "../support/call";
import { givenAccount } from "../support/given-account";

it("lets nobody keep an answer or guess its type, refusals too", async () => {
  const acme = await givenAccount();
  const id = await acme.givenSim();
  const answers = [
    await acme.call("GET", `/sim?id=${id}`),
    await acme.call("GET", "/sims"),
    await acme.call("GET", "/sims/1"),
    await acme.call("GET", "/audit-log?format=ndjson"),
    await acme.call("GET", "/nowhere"),
    await acme.call("PATCH", "/sim"),
    await acme.call("GET", "/sims", undefined, {
      headers: { origin: "https://fleet.example.com" },
    }),
    await call("GET", "/sims"),
    await call("GET", "/healthz"),
    await callAsOperator("GET", "/operator/accounts"),
  ];
  for (const { headers } of answers) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(headers.get("vary")?.split(/, */)).toContain("Origin");
  }
});

it("binds nobody to https who came by http", async () => {
  for (const origin of ["http://localhost:8787", "http://api.example.com"]) {
    const { headers } = await call("GET", "/sims", undefined, { origin });
    expect(headers.get("strict-transport-security")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

it("says how a key is sent where there is none, or none that is good", async () => {
  const acme = await givenAccount();
  await acme.revokeKey();
  const answers = [
    await call("GET", "/sims"),
    await call("GET", "/operator/accounts"),
    await call("GET", "/sims", undefined, { key: "Basic eDp5" }),
    await acme.call("GET", "/sims"),
  ];
  for (const { status, headers } of answers)
    expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
});

it("says where the thing is that a call made", async () => {
  const account = await callAsOperator("POST", "/operator/accounts", { name: "Acme" });
  expect(account.status).toBe(201);
  expect(account.headers.get("location")).toBe(`/operator/accounts/${account.json.id}`);
  const key = await callAsOperator("POST", `/operator/accounts/${account.json.id}/keys`, {
    name: "x",
  });
  expect(key.headers.get("location")).toBe(`/operator/keys/${key.json.id}`);
});
