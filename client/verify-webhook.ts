import type { WebhookEvent } from "./events";
import { isSigned } from "./signature";

/** A POST as the platform has it: of `fetch`, or of Node's `http` with the body as it came, before it is parsed. */
export type Received =
  | Request
  | {
      headers: Headers | Record<string, string | string[] | undefined>;
      body: string | Uint8Array | ArrayBuffer;
    };

export interface Tolerance {
  /** Seconds that the clocks may differ, and the POST may have been under way; 300 unless given. */
  toleranceSeconds?: number;
  /** Milliseconds since 1970. */
  now?: number;
}

/** Why a POST is not taken for one of the deployment's. */
export class WebhookVerificationError extends Error {
  override name = "WebhookVerificationError";
  constructor(
    readonly reason:
      | "header_missing"
      | "too_old"
      | "too_new"
      | "signature_wrong"
      | "type_missing"
      | "body_invalid",
  ) {
    super(`The webhook is not verified: ${reason}`);
  }
}

const TOLERANCE_SECONDS = 300;
const SECOND_MS = 1000;

/**
 * The event of a POST that the deployment signed (Standard Webhooks); throws a {@link WebhookVerificationError} on any other.
 * Several secrets may be given while one takes another's place.
 */
export async function verifyWebhook(
  received: Received,
  secret: string | readonly string[],
  { toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() }: Tolerance = {},
): Promise<WebhookEvent> {
  const header = headerOf(received);
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const signatures = header("webhook-signature");
  if (!id || !timestamp || !signatures) throw new WebhookVerificationError("header_missing");
  const sentAt = Number(timestamp) * SECOND_MS;
  if (!(now - sentAt <= toleranceSeconds * SECOND_MS))
    throw new WebhookVerificationError("too_old");
  if (sentAt - now > toleranceSeconds * SECOND_MS) throw new WebhookVerificationError("too_new");
  const body = await bodyOf(received);
  const secrets = typeof secret === "string" ? [secret] : secret;
  if (!(await isSigned(`${id}.${timestamp}.`, body, signatures, secrets)))
    throw new WebhookVerificationError("signature_wrong");
  const data = parse(body);
  // The payload fleet tells the type in its body; the classic one leaves it to a header, which is not signed.
  const isFleet = typeof data.type === "string";
  const type = isFleet ? data.type : header("x-event-type");
  if (!type) throw new WebhookVerificationError("type_missing");
  if (!isFleet && !isLike(type, data)) throw new WebhookVerificationError("body_invalid");
  return typed({
    id,
    sentAt: new Date(sentAt),
    // The id is signed; the header `x-simplane-test` is not.
    isTest: id.startsWith("evt_test_"),
    payload: isFleet ? "fleet" : "classic",
    type,
    data,
  });
}

/** What only this type of the payload classic has. */
const MARKS = {
  usage: "bill_id",
  location: "location",
  "network-registration": "country_code_previous",
};

/** Whether an event has the mark of its type, and of no other. */
function isLike(type: unknown, data: object): boolean {
  return Object.entries(MARKS).every(([marked, field]) => field in data === (marked === type));
}

/** Who signed it says that it is one: the deployment, whose document the types are from. */
function typed(event: Record<keyof WebhookEvent, unknown>): WebhookEvent {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return event as unknown as WebhookEvent;
}

function headerOf({ headers }: Received): (name: string) => string | undefined {
  if (isHeaders(headers)) return (name) => headers.get(name) ?? undefined;
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return (name) => byName.get(name)?.toString();
}

/** Not by the class: a framework may bring one of its own. */
function isHeaders(headers: Received["headers"]): headers is Headers {
  return typeof headers.get === "function";
}

async function bodyOf(received: Received): Promise<Uint8Array> {
  if ("arrayBuffer" in received) return new Uint8Array(await received.arrayBuffer());
  const { body } = received;
  if (typeof body === "string") return new TextEncoder().encode(body);
  // A framework's types may say `any`, and what it parsed is not what was signed.
  const bytes = asBytes(body);
  if (bytes) return bytes;
  throw new TypeError("The webhook's body must be text or bytes, as it came, before it is parsed.");
}

/** Not by the class: bytes of another realm (a test's, a frame's) are of another one. */
function asBytes(body: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(body))
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return isArrayBuffer(body) ? new Uint8Array(body) : undefined;
}

function isArrayBuffer(body: unknown): body is ArrayBuffer {
  return Object.prototype.toString.call(body) === "[object ArrayBuffer]";
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body),
    );
    if (isObject(data)) return data;
  } catch {
    // Signed, and no JSON: not one of ours, as below.
  }
  throw new WebhookVerificationError("body_invalid");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
