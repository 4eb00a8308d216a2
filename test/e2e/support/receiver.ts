import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Server as NetServer } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { afterAll, vi } from "vitest";

/** A request that a receiver got. The milliseconds count from its arrival. */
export interface Call {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  answeredMs?: number;
  /** When the caller gave up before there was an answer. */
  cutMs?: number;
}

const servers: (Server | NetServer)[] = [];

// Not when the test ends: tests that run side by side share this file's hooks.
afterAll(() => {
  for (const server of servers) {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  }
});

/** A port of loopback, for as long as the file's tests run. */
export async function listen(server: Server | NetServer, port = 0): Promise<number> {
  servers.push(server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

/** An endpoint on loopback that answers each call by `reply`. */
export async function givenReceiver(
  reply: (response: ServerResponse, path: string) => void = accept,
): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((incoming, response) => {
    const arrived = performance.now();
    const call: Call = { path: incoming.url ?? "", headers: incoming.headers, text: "" };
    calls.push(call);
    response.on("close", () => {
      const ms = performance.now() - arrived;
      if (response.writableFinished) call.answeredMs = ms;
      else call.cutMs = ms;
    });
    // A caller that gives up while it sends is seen by `close`.
    const read = textOf(incoming).then((text) => void (call.text = text));
    read.then(() => reply(response, call.path)).catch(() => response.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, calls };
}

/** Waits until `holds` no longer throws. The queues of the development server take seconds, more when an endpoint hangs. */
export function eventually<T>(holds: () => T | Promise<T>, timeout = 60_000): Promise<T> {
  return vi.waitFor(holds, { timeout, interval: 50 });
}

function accept(response: ServerResponse): void {
  response.writeHead(200).end();
}
