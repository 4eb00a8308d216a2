import { createHmac, randomBytes } from "node:crypto";
import type { FeedEvent } from "../client";
import { Failure } from "./failures";
import { feedLine } from "./feed-line";
import { followFeed, type Wanted } from "./follow-feed";
import type { Session } from "./session";

/** As a webhook's: an endpoint that takes longer has not accepted. */
const TIMEOUT_MS = 15_000;

/** What became of an event that was sent on. */
interface Outcome {
  response_status: number | null;
  failure: "timeout" | "connection" | null;
  duration_ms: number;
}

/** Shows the events of the feed as they come and, with `forward`, POSTs each as a webhook would. */
export async function listenTo(
  session: Session,
  { forward, ...wanted }: Wanted & { forward?: string | undefined },
): Promise<void> {
  const { out } = session;
  const send = forward === undefined ? undefined : sender(forward, session);
  const ready =
    forward === undefined ? "Listening." : `Listening; each event is sent to ${forward}`;
  for await (const { event, signal } of followFeed(session, wanted, ready)) {
    const outcome = await send?.(event, signal);
    // Nothing is known of one that was cut off.
    if (outcome?.failure && signal.aborted) return;
    await out.one({ ...event, ...(outcome && { forwarded: outcome }) }, () => [
      outcome ? `${said(outcome)}  ${feedLine(event)}` : feedLine(event),
    ]);
  }
}

/** Signs with SIMPLANE_WEBHOOK_SECRET, or with a secret of its own, which is told. */
function sender(forward: string, { notes, env }: Session) {
  if (!isTarget(urlFor(forward, "usage")))
    throw new Failure(
      "--forward takes a URL without a name or a password, as http://localhost:3000/{type}.",
    );
  const given = env["SIMPLANE_WEBHOOK_SECRET"];
  const secret = given || `whsec_${randomBytes(32).toString("base64")}`;
  const sign = signerOf(secret);
  if (!given) notes.secret(`Signed with ${secret}\n`);
  return (event: FeedEvent, signal: AbortSignal) => post(forward, event, { sign, signal });
}

/** `localhost:3000` is a URL as well, of the scheme `localhost`; with a name and a password, fetch takes none. */
function isTarget(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/** Signs id, seconds since 1970 and body as Standard Webhooks has it. */
type Sign = (id: string, seconds: number, body: string) => string;

function signerOf(secret: string): Sign {
  const [, base64] = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 === undefined)
    throw new Failure("SIMPLANE_WEBHOOK_SECRET is no signing secret: whsec_ and base64.");
  const key = Buffer.from(base64, "base64");
  return (id, seconds, body) =>
    `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

function urlFor(forward: string, type: string): string {
  return forward.replaceAll("{type}", type);
}

/** One POST, with the headers and the body of a webhook. */
async function post(
  forward: string,
  { id, type, data }: FeedEvent,
  { sign, signal }: { sign: Sign; signal: AbortSignal },
): Promise<Outcome> {
  const body = JSON.stringify(data);
  const seconds = Math.floor(Date.now() / 1000);
  const started = performance.now();
  const outcome = await fetch(urlFor(forward, type), {
    method: "POST",
    body,
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: {
      "content-type": "application/json",
      "user-agent": "Simplane",
      "x-event-type": type,
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      "webhook-signature": sign(id, seconds, body),
    },
  }).then(
    async (response) => {
      await response.body?.cancel();
      return { response_status: response.status, failure: null };
    },
    (error: unknown) => ({ response_status: null, failure: failureOf(error) }),
  );
  return { ...outcome, duration_ms: Math.round(performance.now() - started) };
}

function failureOf(error: unknown): "timeout" | "connection" {
  return error instanceof Error && error.name === "TimeoutError" ? "timeout" : "connection";
}

/** As wide for each. */
function said({ response_status, failure }: Outcome): string {
  return (failure ?? String(response_status)).padEnd("connection".length);
}
