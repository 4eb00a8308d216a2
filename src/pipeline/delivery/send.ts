import { version } from "../../../package.json";
import type { DeliveryEvent } from "../queues/messages";
import { fleetType } from "../../events/payload";
import type { Deadline } from "./deadline";
import type { Endpoint } from "./endpoints";
import { type Failure, failureOf, mayTryAgain, platformFailure } from "./failure";
import { sign, signBody } from "./sign";
import { isAllowedTarget, type Rules, STRICTEST, targetUrl } from "./target";

const USER_AGENT = `Simplane/${version}`;

/** How a delivery ended: with an answer, of which only a 2xx accepts the event, or without one. */
export interface Outcome {
  accepted: boolean;
  status: number | null;
  failure: Failure | null;
  ms: number;
  /** The answer's `Retry-After`. */
  retryAfter: string | null;
  /** The beginning of the answer's body, as far as it was asked for. */
  said: string;
}

/** How long an endpoint has to answer, from the moment the request is sent. */
export const TIMEOUT_MS = 15_000;

export interface DeliverOptions {
  timeoutMs?: number;
  rules?: Rules;
  /** Bytes of the answer's body to keep. */
  keepBytes?: number;
  /** Marks the event as a test in `x-simplane-test`. */
  test?: boolean;
}

/** POSTs one event to one endpoint, once. Never throws for what the endpoint does. */
export async function deliver(
  endpoint: Endpoint,
  event: DeliveryEvent,
  deadline: Deadline,
  { rules = STRICTEST, keepBytes = 0, test = false }: Omit<DeliverOptions, "timeoutMs"> = {},
): Promise<Outcome> {
  const type = nameOf(endpoint, event);
  const url = allowedUrl(endpoint, type, rules);
  if (url === null) return unanswered("url_forbidden", 0);
  const timestamp = Math.floor(Date.now() / 1000);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    // What the answer says is not read, or shown as it came: nothing is to be decompressed.
    "accept-encoding": "identity",
    "user-agent": USER_AGENT,
    "x-event-type": type,
    "webhook-id": event.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await sign(endpoint.keys, event.id, timestamp, event.body),
  };
  if (endpoint.fleetKey)
    headers["x-onomondo-signature-256"] = await signBody(endpoint.fleetKey, event.body);
  if (endpoint.authorization !== null) headers.authorization = endpoint.authorization;
  if (test) headers["x-simplane-test"] = "true";
  const start = Date.now();
  const signal = deadline.start(start);
  try {
    const sent = { method: "POST", headers, body: event.body, redirect: "manual", signal } as const;
    const answer = await fetchTwice(url, sent);
    const ms = Date.now() - start;
    const { status } = answer;
    const failure = platformFailure(answer);
    if (failure) {
      await answer.body?.cancel();
      return unanswered(failure, ms);
    }
    const accepted = status >= 200 && status < 300;
    const retryAfter = accepted ? null : answer.headers.get("retry-after");
    const said = answer.body ? await beginning(answer.body, keepBytes) : "";
    return { accepted, status, failure: null, ms, retryAfter, said };
  } catch (error) {
    return unanswered(deadline.passed ? "timeout" : failureOf(error), Date.now() - start);
  } finally {
    deadline.stop();
  }
}

/** A connection that was kept open may be closed just when the request is sent: one that is lost before an answer is tried once more. */
async function fetchTwice(url: string, sent: RequestInit & { signal: AbortSignal }) {
  try {
    return await fetch(url, sent);
  } catch (error) {
    if (sent.signal.aborted || !mayTryAgain(error)) throw error;
    return fetch(url, sent);
  }
}

/** The event's type by the name that its payload gives it. */
function nameOf({ payload }: Endpoint, { type }: DeliveryEvent): string {
  return payload === "fleet" ? fleetType(type) : type;
}

/** The address for events of a type, checked once for each endpoint of a run; null when nothing may be sent there. */
function allowedUrl({ url, targets }: Endpoint, type: string, rules: Rules): string | null {
  let target = targets.get(type);
  if (target === undefined) {
    const address = targetUrl(url, type);
    target = isAllowedTarget(address, rules) ? address : null;
    targets.set(type, target);
  }
  return target;
}

function unanswered(failure: Failure, ms: number): Outcome {
  return { accepted: false, status: null, failure, ms, retryAfter: null, said: "" };
}

/** The first bytes of a body, as text. The rest is not read: it is of no interest, and may have no end. */
async function beginning(body: ReadableStream<Uint8Array>, bytes: number): Promise<string> {
  if (bytes === 0) {
    await body.cancel();
    return "";
  }
  const decoder = new TextDecoder();
  let text = "";
  let left = bytes;
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true });
      left -= chunk.byteLength;
      if (left <= 0) break;
    }
  } catch {
    // Out of time or cut off: it has said what it said, and its status stands.
  }
  return text;
}
