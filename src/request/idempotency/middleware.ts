import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Keyed, Step } from "../types";
import { ApiError } from "../../platform/errors";
import { BODY_LIMIT } from "../../http/body";
import { readBytes } from "../../http/read-bytes";
import { logFailure } from "../../platform/log";
import { fingerprint } from "../../platform/crypto";
import { type Answer, type Asked, claim, giveUp, keep } from "./claims";

const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const FORM = /^[\x21-\x7e]{1,255}$/;
/** What a repeated answer has of the first one besides its body. */
const KEPT_HEADERS = ["content-type", "link", "etag", "x-error-detail"];

/**
 * Runs a call with an Idempotency-Key once, and answers its repeats with the first answer; a call without one just runs.
 * The stored answer is no change of the account's, so the audit log has none of it.
 */
export const idempotent: Step<Keyed> = (c, next) => {
  const key = c.req.header("idempotency-key");
  return key === undefined || !CHANGING.has(c.req.method) ? next() : once(c, key, next);
};

async function once(c: Context<Keyed>, key: string, next: () => Promise<void>): Promise<void> {
  if (!FORM.test(key)) throw new ApiError("idempotency_key_invalid");
  const [keyRecord, config, db] = [c.get("keyRecord"), c.get("config"), c.get("unaudited")];
  const asked: Asked = {
    accountId: keyRecord.accountId,
    // No other key of the account may take a name, or be shown an answer; the one that a rotation made may.
    key: `${keyRecord.lineage} ${key}`,
    requests: await requestsOf(c),
    requestId: c.get("requestId"),
  };
  const claimed = await claim(db, asked, config.encryptionKeys);
  if (claimed.state === "reused") throw new ApiError("idempotency_key_reused");
  if (claimed.state === "running")
    throw new ApiError("idempotency_in_progress", { "retry-after": "1" });
  if (claimed.state === "notKept") throw new ApiError("idempotency_answer_not_kept");
  if (claimed.state === "answered") {
    c.res = repeated(c, claimed.answer);
    return;
  }
  await next();
  try {
    // A refusal for now is no answer to keep: the repeat may come when there is room.
    if (c.res.status >= 500 || c.res.status === 429)
      await giveUp(db, asked, claimed.lease, c.res.status);
    else await keep(db, asked, claimed.lease, await answerOf(c.res), config.encryptionKeys);
  } catch (error) {
    // The call has its answer; until the lease ends, a repeat is told that it is in progress.
    logFailure("idempotent answer not kept", error);
  }
}

/** Fingerprints, one by each encryption key, of all that the call asks for, and of the key's tags: an answer shows what they let it see. */
async function requestsOf(c: Context<Keyed>): Promise<Asked["requests"]> {
  const { method, url, headers } = c.req.raw;
  const body = await readBytes(c.req.raw.body, BODY_LIMIT);
  // The handler reads it again.
  c.req.raw = new Request(url, { method, headers, body: body.byteLength > 0 ? body : null });
  const { pathname, search } = new URL(url);
  const parts = [c.get("keyRecord").tags, method, pathname, search, headers.get("if-match")];
  const head = new TextEncoder().encode(`${JSON.stringify(parts)}\n`);
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  // A body may hold a secret that can be guessed.
  const [current, ...others] = c.get("config").encryptionKeys;
  return [
    await fingerprint(current, whole),
    ...(await Promise.all(others.map((other) => fingerprint(other, whole)))),
  ];
}

async function answerOf(response: Response): Promise<Answer> {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const body = await response.clone().text();
  return { status: response.status, headers: Object.fromEntries(headers), body };
}

function repeated(c: Context<Keyed>, { status, headers, body }: Answer): Response {
  return c.body(body, asStatus(status), { ...headers, "idempotency-replayed": "true" });
}

/** The status of an answer that we gave, with a body. */
function asStatus(status: number): ContentfulStatusCode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return status as ContentfulStatusCode;
}
