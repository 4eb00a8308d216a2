import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { listen } from "./receiver";
import { signatureOf } from "./signature";

/**
 * A receiver as someone writes it on the first day, with the `standardwebhooks` package and nothing of ours:
 * it verifies what comes and keeps each event once, by its id.
 */
export async function givenFirstReceiver() {
  const events = new Map<string, unknown>();
  const arrivals: string[] = [];
  let webhook: Webhook | undefined;
  const server = createServer((request, response) => {
    receive(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(401).end(),
    );
  });
  const port = await listen(server);

  async function receive(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    const headers = signatureOf(request.headers);
    const event = webhook?.verify(body, headers);
    const id = headers["webhook-id"] ?? "";
    arrivals.push(id);
    keep(id, event);
    return 204;
  }

  function keep(id: string, event: unknown): void {
    if (!events.has(id)) events.set(id, event);
  }

  return {
    url: `http://127.0.0.1:${port}/hook`,
    /** The events that it has, each once. */
    events,
    /** The id of each POST that came, repeated ones included. */
    arrivals,
    keep,
    trust(secret: string): void {
      webhook = new Webhook(secret);
    },
    /** From now on connections are refused. */
    async goDown(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async comeBack(): Promise<void> {
      await listen(server, port);
    },
  };
}
