import { afterEach, expect, it, vi } from "vitest";
import { decodedBody } from "../../src/http/content-encoding";
import { readBytes } from "../../src/http/read-bytes";
import { usageOf } from "../support/events";
import { callAsOperator } from "../support/call";
import { givenAccount } from "../support/given-account";
import { givenPipeline } from "../support/pipeline";

async function gzip(text: string | Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** A gzip stream of `megabytes` of blanks, many times as long as it is packed. */
const bomb = (megabytes: number) => gzip(" ".repeat(megabytes * 1024 * 1024));

const GZIP = { "content-encoding": "gzip" };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Counts the packed bytes that decoders are fed from now on: a decoder keeps all that they unpack to. */
function countingFed(): { bytes: number } {
  const fed = { bytes: 0 };
  const Actual = DecompressionStream;
  const Counting = function (format: "gzip") {
    const { readable, writable } = new Actual(format);
    const writer = writable.getWriter();
    const counted = new WritableStream<Uint8Array>({
      async write(piece) {
        fed.bytes += piece.byteLength;
        await writer.write(piece);
      },
      close: () => writer.close(),
      abort: () => writer.abort(),
    });
    return { readable, writable: counted };
  };
  vi.stubGlobal("DecompressionStream", Counting);
  return fed;
}

it("takes a body that is packed with gzip", async () => {
  const acme = await givenAccount();
  const packed = await gzip(JSON.stringify({ name: "Boat 🚤" }));
  for (const encoding of ["gzip", "GZIP", " x-gzip "]) {
    const headers = { "content-encoding": encoding };
    const { status, json } = await acme.call("POST", "/tags", packed, { headers });
    expect([status, json.name]).toEqual([200, "Boat 🚤"]);
    await acme.call("DELETE", `/tags/${json.id}`);
  }
});

it("takes packed lines of events", async () => {
  const pipeline = givenPipeline();
  const lines = Array.from({ length: 3_000 }, () => JSON.stringify(usageOf("000000001")));
  const packed = await gzip(lines.join("\n"));
  expect(packed.byteLength).toBeLessThan(20_000);
  const answer = await callAsOperator("POST", "/operator/events", packed, {
    headers: { ...GZIP, "content-type": "application/x-ndjson" },
    env: pipeline.env,
  });
  expect(answer).toAnswer(202, { accepted: 3_000, rejected: [] });
});

it("makes a packed change once, and answers it so again", async () => {
  const acme = await givenAccount();
  const packed = await gzip(JSON.stringify({ name: "Supplier" }));
  const options = { headers: { ...GZIP, "idempotency-key": "a" } };
  const first = await acme.call("POST", "/tags", packed, options);
  expect(first.status).toBe(200);
  expect(await acme.call("POST", "/tags", packed, options)).toAnswer(200, first.json);
});

it("refuses what becomes too large when it is unpacked, lines too, before all of it is", async () => {
  const acme = await givenAccount();
  const packed = await bomb(100);
  expect(packed.byteLength).toBeLessThan(256 * 1024);
  const started = performance.now();
  expect(await acme.call("POST", "/tags", packed, { headers: GZIP })).toAnswer(
    413,
    "body_too_large",
  );
  const lines = { ...GZIP, "content-type": "application/x-ndjson" };
  for (const headers of [GZIP, lines])
    expect(await callAsOperator("POST", "/operator/events", packed, { headers })).toAnswer(
      413,
      "body_too_large",
    );
  expect(performance.now() - started).toBeLessThan(60_000);
});

it("unpacks little more than is read of a body that becomes too large", async () => {
  const packed = await bomb(100);
  for (const limit of [256 * 1024, 4 * 1024 * 1024]) {
    const fed = countingFed();
    const request = new Request("https://api.example.com/", {
      method: "POST",
      headers: GZIP,
      body: packed,
    });
    const body = await decodedBody(request, limit);
    await expect(readBytes(body, limit)).rejects.toThrow("body_too_large");
    // A kilobyte becomes a megabyte.
    expect(fed.bytes).toBeLessThanOrEqual(limit / 1024 + 2 * 1024);
    vi.unstubAllGlobals();
  }
});

it("refuses what is too large packed", async () => {
  const acme = await givenAccount();
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const packed = await gzip(
    new Uint8Array(await new Blob(Array.from({ length: 6 }, () => noise)).arrayBuffer()),
  );
  const large = new Uint8Array(300_000);
  large.set(packed.subarray(0, 300_000));
  const answer = await acme.call("POST", "/tags", large, { headers: GZIP });
  expect(answer).toAnswer(413, "body_too_large");
});

it("refuses what is not gzip, or only half of it", async () => {
  const acme = await givenAccount();
  const packed = await gzip(JSON.stringify({ name: "Supplier" }));
  for (const body of [
    '{"name":"x"}',
    packed.subarray(0, 12),
    packed.subarray(0, packed.length - 9),
  ])
    expect(await acme.call("POST", "/tags", body, { headers: GZIP })).toAnswer(400, "json_invalid");
});

it("refuses what it cannot unpack, and says what it can", async () => {
  const acme = await givenAccount();
  for (const encoding of ["br", "zstd", "deflate", "gzip, gzip", "xyz"]) {
    const headers = { "content-encoding": encoding };
    const answer = await acme.call("POST", "/tags", { name: "x" }, { headers });
    expect(answer).toAnswer(415, "encoding_unsupported");
    expect(answer.headers.get("accept-encoding")).toBe("gzip, identity");
  }
  const headers = { "content-encoding": "identity" };
  expect((await acme.call("POST", "/tags", { name: "x" }, { headers })).status).toBe(200);
});
