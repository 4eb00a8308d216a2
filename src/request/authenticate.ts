import type { Context, HonoRequest } from "hono";
import { findKey, type KeyRecord } from "../access/find-key";
import { callerOf } from "../access/guesses";
import { ApiError } from "../platform/errors";
import { actorOf } from "./actor";
import type { Called, Keyed, Step } from "./types";

/** Finds the account's key that the call was sent with. Throws `unauthorized`. */
export const authenticate: Step<Keyed> = async (c, next) => {
  const keyRecord = await findSentKey(c, sentKey(c.req));
  if (!keyRecord) throw new ApiError("unauthorized");
  // The log reads it of refused calls too.
  c.set("keyRecord", keyRecord);
  c.set("access", keyRecord);
  c.set("actor", actorOf(c, "key", keyRecord));
  await next();
};

/** The key of the `Authorization` header, with or without `Bearer`. Throws `unauthorized` where there is none. */
export function sentKey(request: HonoRequest): string {
  const header = request.header("authorization");
  if (!header) throw new ApiError("unauthorized");
  return header.replace(/^Bearer +/i, "");
}

/** The account's key with this text. Throws `too_many_requests` where the caller has guessed too often. */
export function findSentKey(
  c: Pick<Context<Called>, "env" | "req" | "executionCtx">,
  key: string,
): Promise<KeyRecord | null> {
  return findKey(
    c.env,
    key,
    () => callerOf(c.req),
    (promise) => c.executionCtx.waitUntil(promise),
  );
}
