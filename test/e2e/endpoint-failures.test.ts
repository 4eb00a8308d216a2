import { createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { report, usageOf } from "./support/events";
import { givenAccount } from "./support/given-account";
import { eventually, listen } from "./support/receiver";
import { objectIn, request } from "./support/request";

/** An endpoint that does to each connection what `act` says once it has sent something; the number counts from 1. */
async function givenSocket(act: (socket: Socket, connection: number) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    socket.on("error", () => {});
    socket.once("data", () => act(socket, connection));
  });
  return listen(server);
}

const falselyEncoded = (encoding: string) =>
  `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: 11\r\n\r\n{"ok":true}`;
const NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";

const accepted = (response_status: number) => ({ accepted: true, response_status, failure: null });
const failed = (failure: string) => ({ accepted: false, response_status: null, failure });

it.each<[string, string, (socket: Socket, connection: number) => void, object]>([
  ["resets the connection", "http", (socket) => socket.resetAndDestroy(), failed("connection")],
  ["closes the connection", "http", (socket) => socket.end(), failed("connection")],
  ["speaks no HTTP", "http", (socket) => socket.end("hello\r\n\r\n"), failed("connection")],
  ["speaks no TLS", "https", (socket) => socket.end(NO_CONTENT), failed("handshake")],
  [
    "resets the first connection only",
    "http",
    (socket, connection) =>
      connection === 1 ? socket.resetAndDestroy() : void socket.end(NO_CONTENT),
    accepted(204),
  ],
  ...[100, 102, 103].map((status): [string, string, (socket: Socket) => void, object] => [
    `says ${status} before its answer`,
    "http",
    (socket) => {
      socket.write(`HTTP/1.1 ${status} Wait\r\n\r\n`);
      setTimeout(() => socket.end(NO_CONTENT), 50);
    },
    accepted(204),
  ]),
  ...["gzip", "br", "zstd"].map((encoding): [string, string, (socket: Socket) => void, object] => [
    `says falsely that its answer is ${encoding}`,
    "http",
    (socket) => socket.end(falselyEncoded(encoding)),
    accepted(200),
  ]),
])("tells of an endpoint that %s (%s)", async (_, protocol, act, expected) => {
  const acme = await givenAccount();
  const url = `${protocol}://127.0.0.1:${await givenSocket(act)}/`;
  const { id } = await acme.givenWebhook(url);
  expect(objectIn(await acme.call("POST", `/webhooks/${id}/test`))).toMatchObject(expected);
});

it("tells of an endpoint that listens nowhere", async () => {
  const acme = await givenAccount();
  const { id } = await acme.givenWebhook("http://127.0.0.1:1/");
  const test = objectIn(await acme.call("POST", `/webhooks/${id}/test`));
  expect(test).toMatchObject(failed("connection"));
});

it.each(["gzip", "br"])(
  "outlives an endpoint that falsely says it answers %s",
  async (encoding) => {
    const acme = await givenAccount();
    const port = await givenSocket((socket) => socket.end(falselyEncoded(encoding)));
    const { id } = await acme.givenWebhook(`http://127.0.0.1:${port}/`);
    await report(usageOf(await acme.givenSim()));
    await eventually(async () =>
      expect(await acme.deliveriesTo(id)).toMatchObject([{ status: "accepted" }]),
    );
    expect((await request("GET", "/healthz")).status).toBe(200);
  },
);
