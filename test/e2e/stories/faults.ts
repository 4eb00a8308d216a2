import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { report, usagesOf } from "../support/events";
import { givenAccount } from "../support/given-account";
import { eventually, givenReceiver } from "../support/receiver";

const MB = 1024 * 1024;

const FAULTS: [string, (response: ServerResponse) => void, object][] = [
  [
    "answers and never ends its body",
    (response) => void response.writeHead(200).write("{"),
    { status: "accepted", response_status: 200, failure: null },
  ],
  [
    "closes the connection",
    (response) => void response.socket?.destroy(),
    { status: "failed", response_status: null, failure: "connection" },
  ],
  [
    "says what is no HTTP",
    (response) => void response.socket?.end("hello\r\n\r\n"),
    { status: "failed", response_status: null, failure: "connection" },
  ],
  [
    "leads inside the network",
    (response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    { status: "failed", response_status: 302, failure: null },
  ],
];

it.concurrent.each(FAULTS)(
  "delivers to the others when an endpoint %s",
  async (_, fault, logged) => {
    const acme = await givenAccount();
    const faulty = await givenReceiver(fault);
    const healthy = await givenReceiver();
    const { id } = await acme.givenWebhook(faulty.url);
    await acme.givenWebhook(healthy.url);

    await report(...usagesOf(await acme.givenSim(), 3));

    await eventually(() => expect(healthy.calls).toHaveLength(3));
    const log = await eventually(async () => {
      const rows = await acme.deliveriesTo(id);
      expect(rows).toHaveLength(3);
      return rows;
    });
    for (const row of log) {
      expect(row).toMatchObject({ ...logged, attempt: 1 });
      // None took its 15 s, nor waited for an address that nobody answers at.
      expect(row.duration_ms).toBeLessThan(14_000);
    }
    expect(new Set(log.map((row) => row.event_id)).size).toBe(3);
    // A lost connection is tried once more at once.
    const ids = faulty.calls.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(3);
    expect(ids.length).toBeLessThanOrEqual(6);
    // Nothing is left hanging.
    await eventually(() => {
      for (const call of faulty.calls) expect(call.answeredMs ?? call.cutMs).toBeLessThan(14_000);
    });
  },
);

it.concurrent("leaves a body of 100 MB unread, and lives on", async () => {
  const acme = await givenAccount();
  const written: number[] = [];
  const endless = await givenReceiver((response) => {
    const { socket } = response;
    response.writeHead(200, { "content-length": 100 * MB });
    Readable.from(megabytes(100)).pipe(response);
    response.on("close", () => written.push(socket?.bytesWritten ?? Number.NaN));
  });
  const healthy = await givenReceiver();
  const { id } = await acme.givenWebhook(endless.url);
  await acme.givenWebhook(healthy.url);

  await report(...usagesOf(await acme.givenSim(), 3));

  await eventually(() => expect(healthy.calls).toHaveLength(3));
  await eventually(() => expect(written).toHaveLength(3));
  // What the sockets' buffers hold goes out; the rest does not.
  for (const bytes of written) expect(bytes).toBeLessThan(20 * MB);
  for (const call of endless.calls) expect(call).toHaveProperty("cutMs");
  await eventually(async () => {
    const accepted = { status: "accepted", response_status: 200, failure: null };
    expect(await acme.deliveriesTo(id)).toMatchObject([accepted, accepted, accepted]);
  });
  expect(await acme.call("GET", "/")).toMatchObject({ status: 200 });
});

function* megabytes(count: number): Generator<Buffer> {
  for (let each = 0; each < count; each += 1) yield Buffer.alloc(MB, "x");
}
