import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index";
import { givenAccount } from "../support/given-account";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async function open(path: string, headers: Record<string, string>) {
  const url = `https://api.example.com${path}`;
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { headers });
  const context = createExecutionContext();
  const { status, headers: answered } = await worker.fetch(request, env, context);
  await waitOnExecutionContext(context);
  return [status, answered.get("location")];
}

it("sends a browser that opens the address to the documentation", async () => {
  expect(await open("/", { accept: BROWSER })).toEqual([302, "/docs"]);
});

it("answers programs, keys and other paths as ever", async () => {
  const { key } = await givenAccount();
  expect(await open("/", { accept: BROWSER, authorization: key })).toEqual([200, null]);
  expect(await open("/", { accept: BROWSER, authorization: "wrong" })).toEqual([401, null]);
  expect(await open("/", { accept: "*/*" })).toEqual([401, null]);
  expect(await open("/", {})).toEqual([401, null]);
  expect(await open("/sims", { accept: BROWSER })).toEqual([401, null]);
});
