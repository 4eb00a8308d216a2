/**
 * Why an endpoint did not answer. `connection`: refused, reset or closed, which the runtime does not tell apart;
 * `handshake`: nothing could be sent, because the name is unknown or TLS failed. `name`, `refused`, `tls` and `protocol` are
 * known where Cloudflare's network makes the request. `url_forbidden` and `webhook_off`: nothing was sent.
 */
export const FAILURES = [
  "timeout",
  "connection",
  "handshake",
  "name",
  "refused",
  "tls",
  "protocol",
  "url_forbidden",
  "webhook_off",
] as const;
export type Failure = (typeof FAILURES)[number];

/**
 * The failure of a `fetch` that threw before its time was over. The runtime marks errors of the network as `remote`, and those
 * of a lost connection as `retryable`; their texts ("Network connection lost.", "internal error") say no more.
 */
export function failureOf(error: unknown): Failure {
  return isRemote(error) && !mayTryAgain(error) ? "handshake" : "connection";
}

/** Whether the connection was lost before there was an answer. */
export function mayTryAgain(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}

function isRemote(error: unknown): boolean {
  return error instanceof Error && "remote" in error && error.remote === true;
}

/**
 * Statuses that Cloudflare answers with in place of an endpoint that it gets no answer from:
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
const OF_THE_PLATFORM: Record<number, Failure> = {
  520: "protocol",
  521: "refused",
  522: "timeout",
  523: "connection",
  524: "timeout",
  525: "tls",
  526: "tls",
  530: "name",
};

/** The failure that an answer of Cloudflare's own stands for; undefined for an answer of the endpoint. */
export function platformFailure({ status, headers }: Response): Failure | undefined {
  return headers.get("server") === "cloudflare" ? OF_THE_PLATFORM[status] : undefined;
}
