import type { HonoRequest } from "hono";
import { createMiddleware } from "hono/factory";
import type { Actor, ActorType } from "../audit/context";
import { openSession, type Db } from "../db/client";
import { type Config, type Env, readConfig } from "../env";
import { ApiError } from "../errors";
import { sameSecret } from "./api-keys";
import { findHolder, type Holder } from "./key-lookup";

/** What every handler behind a key has. */
export interface Keyed {
  Bindings: Env;
  Variables: { db: Db; config: Config; accountId: string };
}

/** What every handler behind the operator's key has. */
export interface Operated {
  Bindings: Env;
  Variables: { db: Db; config: Config };
}

const BOOKMARK_HEADER = "x-d1-bookmark";
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/** Lets a customer's key in: sets its account and a database session. */
export function key() {
  return createMiddleware<Keyed>(async (c, next) => {
    c.set("config", readConfig(c.env));
    const holder = await holderOf(givenKey(c.req), c.env, c.req, c.executionCtx);
    if (!holder) throw new ApiError("unauthorized");
    c.set("accountId", holder.accountId);
    const actor = actorOf("key", holder.keyId, c.req, c.get("requestId"));
    await inSession(c.env.DB, actor, c.req, next, (db) => c.set("db", db), c.header);
  });
}

/** Lets the operator's key in, and no other. */
export function operator() {
  return createMiddleware<Operated>(async (c, next) => {
    const config = readConfig(c.env);
    const given = givenKey(c.req);
    if (!(await sameSecret(given, config.OPERATOR_KEY))) {
      const holder = await holderOf(given, c.env, c.req, c.executionCtx);
      throw new ApiError(holder ? "operator_only" : "unauthorized");
    }
    c.set("config", config);
    const actor = actorOf("operator", null, c.req, c.get("requestId"));
    await inSession(c.env.DB, actor, c.req, next, (db) => c.set("db", db), c.header);
  });
}

/** Who makes a request, where its method may write. */
function actorOf(
  type: ActorType,
  keyId: string | null,
  request: HonoRequest,
  requestId: string,
): Actor | undefined {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  return { type, keyId, address: request.header("cf-connecting-ip") ?? null, requestId };
}

/** Runs the handler with a session that starts where the caller's last one ended, and answers where this one ended. */
async function inSession(
  d1: D1Database,
  actor: Actor | undefined,
  request: HonoRequest,
  next: () => Promise<void>,
  provide: (db: Db) => void,
  header: (name: string, value: string) => void,
): Promise<void> {
  const bookmark = request.header(BOOKMARK_HEADER);
  if (bookmark !== undefined && !BOOKMARK.test(bookmark)) throw new ApiError("bookmark_invalid");
  const session = openSession(d1, bookmark, actor);
  provide(session.db);
  await next();
  const latest = session.bookmark();
  if (latest) header(BOOKMARK_HEADER, latest);
}

function givenKey(request: HonoRequest): string {
  const header = request.header("authorization");
  if (!header) throw new ApiError("unauthorized");
  return header.replace(/^Bearer +/i, "");
}

function holderOf(
  given: string,
  env: Env,
  request: HonoRequest,
  context: { waitUntil(promise: Promise<unknown>): void },
): Promise<Holder | null> {
  const address = request.header("cf-connecting-ip") ?? "unknown";
  return findHolder(env, given, address, (promise) => context.waitUntil(promise));
}
