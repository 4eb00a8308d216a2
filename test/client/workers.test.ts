import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index";
import { givenAccount } from "../support/given-account";
import { givenPlan } from "./given-plan";
import { resultOf, tour } from "./tour";

const BASE = "https://api.example.com";

it("runs in a Worker", async () => {
  const { key } = await givenAccount();
  const plan = givenPlan(["100000001", "100000002", "100000003"]);
  const context = createExecutionContext();
  const fetch = async (request: Request) => worker.fetch(new Request(request), env, context);
  expect(await tour({ baseUrl: BASE, key, fetch }, plan)).toEqual(resultOf(plan, BASE));
  await waitOnExecutionContext(context);
});
