import { version } from "../../package.json";
import type { DeliveryEvent } from "../events/messages";
import type { Endpoint } from "./queries";
import { sign } from "./sign";
import { isAllowedTarget, targetUrl } from "./target";

/** How a delivery ended. `status` is there when the endpoint answered; only a 2xx is accepted. */
export type Outcome =
  | { accepted: boolean; status: number; ms: number }
  | { accepted: false; failure: "timeout" | "connection" | "url_forbidden"; ms: number };

export interface DeliverOptions {
  /** How long the endpoint has to answer, from the moment the request is sent. */
  timeoutMs?: number;
  allowInsecure?: boolean;
}

/** POSTs one event to one endpoint, once. Never throws for what the endpoint does. */
export async function deliver(
  endpoint: Endpoint,
  event: DeliveryEvent,
  { timeoutMs = 15_000, allowInsecure = false }: DeliverOptions = {},
): Promise<Outcome> {
  const url = targetUrl(endpoint.url, event.type);
  if (!isAllowedTarget(url, { allowInsecure }))
    return { accepted: false, failure: "url_forbidden", ms: 0 };
  const headers = await headersOf(endpoint, event);
  const start = Date.now();
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: event.body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const outcome = { accepted: answer.ok, status: answer.status, ms: Date.now() - start };
    // What it says is of no interest, and may have no end.
    await answer.body?.cancel();
    return outcome;
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return {
      accepted: false,
      failure: timedOut ? "timeout" : "connection",
      ms: Date.now() - start,
    };
  }
}

async function headersOf(endpoint: Endpoint, event: DeliveryEvent): Promise<Headers> {
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = new Headers({
    "content-type": "application/json",
    "user-agent": `Simplane/${version}`,
    "x-event-type": event.type,
    "webhook-id": event.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await sign(endpoint.secret, event.id, timestamp, event.body),
  });
  if (endpoint.authorization !== null) headers.set("authorization", endpoint.authorization);
  return headers;
}
