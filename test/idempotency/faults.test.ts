import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index";
import { givenAccount } from "../support/given-account";
import { storedIn } from "../support/stored";
import { throughD1 } from "../support/through-d1";

it("goes on to the end when the caller hangs up", async () => {
  const acme = await givenAccount();
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const DB = throughD1(async ({ statements, text }, run) => {
    if (text.includes("INSERT INTO sims")) {
      asked.resolve();
      await go.promise;
    }
    return run(statements);
  });
  const context = createExecutionContext();
  const headers = { authorization: acme.key, "idempotency-key": "a" };
  const init = { method: "POST", headers, body: '{"id":"000000001"}' };
  const request = new Request<unknown, IncomingRequestCfProperties>("https://a.example/sim", init);
  // Nobody waits for the answer: what the runtime still waits for is what the context was given.
  const unread = worker.fetch(request, { ...env, DB }, context);
  await asked.promise;
  const ended = waitOnExecutionContext(context);
  go.resolve();
  await ended;
  expect(await storedIn("idempotency_keys")).toMatchObject([{ key: "a", status: 200 }]);
  await unread;
});
