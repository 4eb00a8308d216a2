import { createServer } from "node:http";
import { expect, it } from "vitest";
import { explain } from "../../cli/explain";
import { createClient } from "../../client";
import { listen } from "../e2e/support/receiver";

it("tells of a server that takes a call and does not answer it", async () => {
  const silent = createServer(() => undefined);
  const port = await listen(silent);
  const baseUrl = `http://127.0.0.1:${port}`;
  const { GET } = createClient({ baseUrl, key: "sp_key", timeoutMs: 5, retries: 0 });
  const error: unknown = await GET("/").catch((thrown: unknown) => thrown);
  silent.closeAllConnections();
  silent.close();
  expect(explain(error, "http://example.com")).toMatchObject({
    error: "unreachable",
    message: expect.stringContaining("it does not answer"),
  });
});
