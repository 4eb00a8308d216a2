import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, type Simplane } from "../../client";
import { listen } from "../e2e/support/receiver";

// Node ties a request to its signal by weak references: whoever collects garbage finds out who held on to them.
setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");
let collecting: NodeJS.Timeout;
beforeAll(() => {
  collecting = setInterval(() => typeof collectGarbage === "function" && collectGarbage(), 10);
});
afterAll(() => clearInterval(collecting));

const LATE_MS = 500;

/** A server that takes a call, begins an answer or none, and does no more. */
async function givenSilence(begin: (response: ServerResponse) => void = () => undefined) {
  const server = createServer((_, response) => begin(response));
  const baseUrl = `http://127.0.0.1:${await listen(server)}`;
  return { baseUrl, asked: once(server, "request") };
}

const broken = (response: ServerResponse) =>
  void response.writeHead(200, { "content-type": "application/json" }).write("{");

describe.concurrent("while garbage is collected", () => {
  it.each([
    ["without a word", undefined, 0],
    ["without a word, twice", undefined, 1],
    ["in the middle of an answer", broken, 0],
  ] as const)("gives up on a server that stops %s", async (_, begin, retries) => {
    const { baseUrl } = await givenSilence(begin);
    const client = createClient({ baseUrl, key: "sp_key", timeoutMs: LATE_MS, retries });
    await expect(client.GET("/")).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it.each([0, 3])("ends with the caller's signal (%d retries)", async (retries) => {
    const { baseUrl, asked } = await givenSilence();
    const client: Simplane = createClient({ baseUrl, key: "sp_key", retries });
    const controller = new AbortController();
    void asked.then(() => setTimeout(() => controller.abort(new Error("the user left")), LATE_MS));
    const call = client.GET("/", { signal: controller.signal });
    await expect(call).rejects.toThrow("the user left");
  });
});
