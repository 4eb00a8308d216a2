import { ApiError } from "../../platform/errors";
import { parseJson } from "../../http/body";
import { MOST_WARNINGS, type Report, reportEvents, someOf } from "./report";

const MOST_EVENTS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** Events that are checked and put on the queue together, while the rest is still on its way. */
const STEP = 400;

/**
 * Reports events that come one a line (`application/x-ndjson`), as they come; blank lines do not count.
 * Throws `events_invalid` and `body_too_large` past the limits: what came before is reported then, and to send it
 * again does no harm.
 */
export async function reportLines(
  queue: Queue,
  body: ReadableStream<Uint8Array> | null,
): Promise<Report> {
  try {
    return await readAndReport(queue, body);
  } catch (error) {
    // To its end: the development server's proxy breaks on a body that is answered before it is read.
    // One that failed itself stays locked, and has no rest.
    if (body?.locked === false) for await (const rest of body) void rest;
    throw error;
  }
}

async function readAndReport(
  queue: Queue,
  body: ReadableStream<Uint8Array> | null,
): Promise<Report> {
  const report: Report = { accepted: 0, rejected: [] };
  const warnings: NonNullable<Report["warnings"]> = [];
  let seen = 0;
  let step: unknown[] = [];
  const flush = async () => {
    const { accepted, rejected, warnings: warned = [] } = await reportEvents(queue, step);
    const before = seen - step.length;
    report.accepted += accepted;
    for (const { index, ...why } of rejected)
      report.rejected.push({ index: before + index, ...why });
    for (const { index, ...warning } of warned)
      if (warnings.length < MOST_WARNINGS) warnings.push({ index: before + index, ...warning });
    step = [];
  };
  for await (const line of linesOf(body)) {
    if (line.trim() === "") continue;
    seen += 1;
    if (seen > MOST_EVENTS) throw new ApiError("events_invalid");
    step.push(parseLine(line));
    if (step.length === STEP) await flush();
  }
  if (seen === 0) throw new ApiError("events_invalid");
  await flush();
  return { ...report, ...someOf(warnings) };
}

/** A line that is no JSON, or has a name twice, is no event either, and is rejected as such. */
function parseLine(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

async function* linesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let rest = "";
  for await (const chunk of body?.values({ preventCancel: true }) ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new ApiError("body_too_large");
    // Only what came is searched: a line of megabytes comes in a thousand chunks.
    const [head = "", ...lines] = decode(decoder, chunk).split("\n");
    rest += head;
    for (const line of lines) {
      yield rest;
      rest = line;
    }
  }
  yield rest + decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new ApiError("json_invalid");
  }
}
