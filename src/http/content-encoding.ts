import { ApiError } from "../platform/errors";
import { readBytes } from "./read-bytes";

/** Bytes that are unpacked at once: gzip makes a thousandfold of them at most. */
const PIECE = 1024;

/**
 * The request's body, unpacked where it is gzip. Packed it may have `limit` bytes, and unpacked too: a body that becomes
 * larger ends with `body_too_large` there. Throws `encoding_unsupported` for what is neither.
 */
export async function decodedBody(
  request: Request,
  limit: number,
): Promise<ReadableStream<Uint8Array> | null> {
  const encoding = (request.headers.get("content-encoding") ?? "").trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return request.body;
  // To its end in any case: the development server's proxy breaks on a body that is answered before it is read.
  const packed = await readBytes(request.body, limit);
  if (encoding !== "gzip" && encoding !== "x-gzip")
    throw new ApiError("encoding_unsupported", { "accept-encoding": "gzip, identity" });
  return packed.byteLength === 0 ? null : unpacked(packed, limit);
}

/**
 * Piece by piece, and no further than `limit`: some kilobytes can stand for gigabytes. The decoder unpacks all that it is fed at
 * once, so it is fed only where nothing is left to read.
 */
function unpacked(packed: Uint8Array, limit: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new DecompressionStream("gzip");
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let fed = 0;
  let size = 0;
  const read = async () => {
    const reading = reader.read();
    while (fed < packed.byteLength && !(await isSettled(reading))) {
      const piece = packed.subarray(fed, fed + PIECE);
      fed += piece.byteLength;
      const feeding =
        fed < packed.byteLength ? [writer.write(piece)] : [writer.write(piece), writer.close()];
      // What is wrong with it is told by the reader.
      for (const one of feeding) one.catch(() => undefined);
    }
    return reading;
  };
  const end = async () => {
    await Promise.allSettled([writer.abort(), reader.cancel()]);
  };
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await read().catch(() => {
        throw new ApiError("json_invalid", {}, "the body: expected gzip, as Content-Encoding says");
      });
      size += value?.byteLength ?? 0;
      if (done) controller.close();
      else if (size <= limit) controller.enqueue(value);
      else {
        await end();
        throw new ApiError("body_too_large");
      }
    },
    cancel: end,
  });
}

/** Whether a promise is settled, or will be as soon as what waits already has run. */
function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, scheduler.wait(0).then(() => false)]);
}
