import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

export interface Endpoint {
  url: string;
  /** Webhook ids of what it took, each once, and how often it was sent one that it had. */
  taken: Set<string>;
  again: number;
  /** POSTs that it answered with 503, and those whose signature was wrong. */
  refused: number;
  forged: number;
  trust(secret: string): void;
  setDown(down: boolean): void;
  close(): void;
}

/** A receiver on loopback, on a port that is free: verifies what comes, and answers 503 while it is down. */
export async function openEndpoint(): Promise<Endpoint> {
  let webhook: Webhook | undefined;
  let down = false;
  const server = createServer((request, response) => {
    receive(request).then(
      (status) => response.writeHead(status).end(),
      // Whoever sends went away before its end.
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver has no port.");

  const endpoint: Endpoint = {
    url: `http://127.0.0.1:${address.port}/{type}`,
    taken: new Set(),
    again: 0,
    refused: 0,
    forged: 0,
    trust: (secret) => void (webhook = new Webhook(secret)),
    setDown: (isDown) => void (down = isDown),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function receive(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    if (down) {
      endpoint.refused += 1;
      return 503;
    }
    const headers = Object.fromEntries(
      ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [
        name,
        String(request.headers[name]),
      ]),
    );
    try {
      webhook?.verify(body, headers);
    } catch {
      endpoint.forged += 1;
      return 401;
    }
    const id = headers["webhook-id"] ?? "";
    if (endpoint.taken.has(id)) endpoint.again += 1;
    endpoint.taken.add(id);
    return 204;
  }

  return endpoint;
}
