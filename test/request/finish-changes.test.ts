import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { app } from "../../src/app";
import { givenAccount } from "../support/given-account";
import { callAsOperator } from "../support/call";

/** How much the platform was asked to see to its end when a call wrote to D1. */
async function waitedForAtWrite(method: string, path: string, key: string, body?: object) {
  const waited: Promise<unknown>[] = [];
  const atWrite: number[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void waited.push(promise),
    passThroughOnException: () => undefined,
    props: {},
  };
  const watched = (session: D1DatabaseSession) =>
    new Proxy(session, {
      get(target, name) {
        if (name === "batch") atWrite.push(waited.length);
        return Reflect.get(target, name).bind(target);
      },
    });
  const d1 = new Proxy(env.DB, {
    get: (target, name) =>
      name === "withSession"
        ? (bookmark: string) => watched(target.withSession(bookmark))
        : Reflect.get(target, name).bind(target),
  });
  const init = {
    method,
    headers: { authorization: key },
    body: body ? JSON.stringify(body) : null,
  };
  const request = new Request(`https://api.example.com${path}`, init);
  const { status } = await app.fetch(request, { ...env, DB: d1 }, context);
  await Promise.all(waited);
  return [status, ...atWrite];
}

it("carries a change to its end though its caller hangs up", async () => {
  const acme = await givenAccount();
  await acme.call("GET", "/");
  const other = await acme.givenKey({});
  expect(await waitedForAtWrite("POST", "/tags", acme.key, { name: "x" })).toEqual([200, 1]);
  const revoked = await waitedForAtWrite("DELETE", `/keys/${other.id}`, acme.key);
  expect(revoked).toEqual([200, 1]);
  const path = "/operator/accounts";
  expect(await waitedForAtWrite("POST", path, env.OPERATOR_KEY, { name: "x" })).toEqual([201, 1]);
  expect((await callAsOperator("GET", path)).status).toBe(200);
});
