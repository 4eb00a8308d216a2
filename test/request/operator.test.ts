import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { mintKey } from "../../src/access/api-key";
import { call } from "../support/call";
import { givenAccount } from "../support/given-account";

const PATH = "/operator/accounts";

it("takes the operator's key, raw and as a bearer", async () => {
  for (const key of [env.OPERATOR_KEY, `Bearer ${env.OPERATOR_KEY}`])
    expect((await call("GET", PATH, undefined, { key })).status).toBe(200);
});

it("refuses what is nearly the operator's key", async () => {
  const right = env.OPERATOR_KEY;
  for (const key of [right.slice(1), right.slice(0, -1), `${right}x`, right.toUpperCase(), "x"])
    expect(await call("GET", PATH, undefined, { key })).toAnswer(401, "unauthorized");
});

it("tells a customer that the path is the operator's, and no one else", async () => {
  const acme = await givenAccount();
  expect(await acme.call("GET", PATH)).toAnswer(403, "operator_only");
  expect(await call("GET", PATH, undefined, { key: await mintKey() })).toAnswer(
    401,
    "unauthorized",
  );
  expect(await call("GET", PATH)).toAnswer(401, "unauthorized");
});

it("lets the operator's key into no customer's path", async () => {
  const key = env.OPERATOR_KEY;
  for (const path of ["/", "/sim?id=192837465", "/usage", "/webhooks"])
    expect(await call("GET", path, undefined, { key })).toAnswer(401, "unauthorized");
});
