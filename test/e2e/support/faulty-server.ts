import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { inject } from "vitest";
import { listen } from "./receiver";

/** What a report meets: it passes, is answered by this status, or its connection is cut; `gone`: it passes, and nothing after it. */
export type Fault = "none" | "cut" | "gone" | 429 | 503;

/** The tests' server behind one that fails reports of events, the first of them by the first fault and so on, then by the last. */
export async function givenFaultyServer(...faults: [Fault, ...Fault[]]): Promise<{ url: string }> {
  let reports = 0;
  let isGone = false;
  const server = createServer((request, response) => {
    const isReport = request.url === "/operator/events";
    const fault = isGone ? "cut" : isReport ? (faults[reports++] ?? faults.at(-1)) : "none";
    isGone ||= fault === "gone";
    const passes = fault === "none" || fault === "gone";
    const answered = passes ? pass(request, response) : fail(request, response, fault);
    answered.catch(() => response.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}` };
}

async function fail(request: IncomingMessage, response: ServerResponse, fault?: Fault) {
  await buffer(request);
  if (fault === 429 || fault === 503)
    response.writeHead(fault, { "retry-after": "1" }).end('{"error":"overloaded"}');
  else response.destroy();
}

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const { method = "GET", url = "/", headers } = request;
  const answer = await fetch(new URL(url, inject("server").url), {
    method,
    headers: {
      authorization: headers.authorization ?? "",
      "content-type": headers["content-type"] ?? "",
    },
    ...(body.byteLength > 0 && { body }),
  });
  const type = answer.headers.get("content-type") ?? "";
  response.writeHead(answer.status, { "content-type": type }).end(await answer.text());
}
