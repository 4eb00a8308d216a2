import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { untilGone } from "../../scripts/start/watch";

/** A server that answers as long as it is asked to. */
async function givenServer() {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(asked === 2 ? 503 : 200, { connection: "close" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return { server, url: `http://127.0.0.1:${address.port}`, asked: () => asked };
}

it("notices that nothing listens any more, and nothing sooner", async () => {
  const { server, url, asked } = await givenServer();
  const { signal } = new AbortController();
  let gone = false;
  const watching = untilGone(url, { everyMs: 5, signal }).then(() => (gone = true));
  await expect.poll(asked, { timeout: 60_000 }).toBeGreaterThan(5);
  expect(gone).toBe(false);
  server.close();
  await watching;
});

it("ends when it is told to", async () => {
  const { server, url } = await givenServer();
  const stop = new AbortController();
  const watching = untilGone(url, { everyMs: 60_000, signal: stop.signal });
  stop.abort();
  await expect(watching).rejects.toThrow("abort");
  server.close();
});
