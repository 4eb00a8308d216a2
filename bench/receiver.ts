import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";

/** An endpoint for webhooks on loopback: 204, unless `answer` does something else. */
export async function startReceiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void = accept,
): Promise<{ origin: string; stop(): void }> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function accept(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204).end();
}
