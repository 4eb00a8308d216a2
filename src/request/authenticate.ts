import type { Context, HonoRequest } from "hono";
import { createMiddleware } from "hono/factory";
import type { Actor, ActorType } from "../db/audited";
import { openSession, type Db } from "../db/client";
import type { Spent } from "../platform/spent";
import { type Config, type Env, readConfig } from "../platform/env";
import { ApiError, type ErrorCode } from "../platform/errors";
import { asking } from "../http/asks";
import { refuseUnknownParameters } from "../http/known-parameters";
import { once } from "./idempotency/middleware";
import { isWithin } from "../access/allowed-ips";
import { isKey, isOneOf } from "../access/api-key";
import { callerOf, countGuess } from "../access/guesses";
import { findHolder, type Holder } from "../access/find-key";
import { noteUse } from "../access/last-used";
import { costInCalls } from "../access/cost";
import {
  type Allowance,
  allowanceOf,
  charge,
  countCalls,
  type Spender,
} from "../access/rate-limit";
import type { Reach } from "../access/access";
import { includes, type Scope } from "../access/scopes";

/** What every handler behind a key has. */
export interface Keyed {
  Bindings: Env;
  Variables: {
    db: Db;
    config: Config;
    holder: Holder;
    reach: Reach;
    /** What the request has asked of the database so far. */
    spent: Spent;
    /** How many calls it has counted as so far. */
    counted: number;
    /** What the key may still do, for the answer's headers. */
    allowance?: Allowance;
    /** The error code that it is answered with. */
    refusal?: ErrorCode;
  };
}

/** What every handler behind the operator's key has. */
export interface Operated {
  Bindings: Env;
  Variables: {
    db: Db;
    config: Config;
    /** Of calls that may write. */
    actor: Actor;
  };
}

const BOOKMARK_HEADER = "x-d1-bookmark";
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/**
 * Lets a customer's key in that has `scope` (null: any key): sets what it may reach and a database session. Where
 * `pastAccountLimit`, the account's rate limit does not refuse the first calls of a minute.
 */
export function key(scope: Scope | null, { pastAccountLimit = false } = {}) {
  const middleware = createMiddleware<Keyed>(async (c, next) => {
    const config = readConfig(c.env);
    c.set("config", config);
    const holder = await holderOf(givenKey(c.req), c.env, c.req, c.executionCtx);
    if (!holder) throw new ApiError("unauthorized");
    // Before what else may be refused, so that the log knows whose call it was.
    c.set("holder", holder);
    const spender = spenderOf(holder, config);
    const mayComeFrom = isWithin(addressOf(c.req), holder.allowedIps);
    // Calls from a forbidden address are not counted, so a leaked key cannot exhaust the owner's limit.
    const allowance = mayComeFrom
      ? countCalls(spender, 1, { pastAccountLimit })
      : allowanceOf(spender);
    c.set("allowance", allowance);
    if (!mayComeFrom) throw new ApiError("address_forbidden");
    if (!allowance.admitted) throw tooMany(allowance);
    c.set("counted", 1);
    if (scope !== null && !includes(holder.scopes, scope)) throw new ApiError("scope_missing");
    refuseUnknownParameters(c);
    c.set("reach", holder);
    const actor = actorOf("key", holder, c.req, c.get("requestId"));
    const run = (unaudited: Db) => once(c, unaudited, next);
    const answered = inSession(
      c.env.DB,
      actor,
      c.req,
      run,
      (db) => c.set("db", db),
      () => c.res.headers,
    );
    const counted = answered.finally(() => countCost(c));
    await toItsEnd(counted, actor, c.executionCtx);
    noteUse(c.env.DB, holder.keyId, (promise) => c.executionCtx.waitUntil(promise));
  });
  return asking({ caller: "account", scope }, middleware);
}

/**
 * Counts a call that will do the work of several as that many, before it does it. Throws `too_many_requests` where others
 * have used up the limit meanwhile: many that come at once do not all pass.
 */
export function countAs(c: Context<Keyed>, calls: number): void {
  const { holder, config, counted } = c.var;
  if (calls <= counted) return;
  const allowance = countCalls(spenderOf(holder, config), calls - counted, { own: counted });
  c.set("allowance", allowance);
  if (!allowance.admitted) throw tooMany(allowance);
  c.set("counted", calls);
}

/** Counts a call as what its work so far has cost, where that is more than it was counted as. */
export function countCost(c: Context<Keyed>): void {
  countWork(c, costInCalls(c.get("spent")));
}

/** Counts a call as that many, where that is more than it was counted as: for work that it has done or begun. */
export function countWork(c: Context<Keyed>, calls: number): void {
  const counted = c.get("counted");
  if (calls <= counted) return;
  c.set("counted", calls);
  const spender = spenderOf(c.get("holder"), c.get("config"));
  c.set("allowance", charge(spender, calls - counted));
}

function spenderOf({ keyId, accountId, rateLimit }: Holder, config: Config): Spender {
  return { keyId, accountId, limit: rateLimit ?? config.RATE_LIMIT_PER_MINUTE };
}

function tooMany({ resetIn }: Allowance): ApiError {
  return new ApiError("too_many_requests", { "retry-after": String(resetIn) });
}

/** Lets the operator's key in, and no other. */
export function operator() {
  const middleware = createMiddleware<Operated>(async (c, next) => {
    const config = readConfig(c.env);
    const given = givenKey(c.req);
    if (!(await isOneOf(given, config.operatorKeys))) {
      const holder = await holderOf(given, c.env, c.req, c.executionCtx);
      if (holder) throw new ApiError("operator_only");
      // Those that have the form of an account's key are counted where they are looked up.
      if (!(await isKey(given))) await countGuess(c.env, callerOf(c.req));
      throw new ApiError("unauthorized");
    }
    c.set("config", config);
    refuseUnknownParameters(c);
    const actor = actorOf("operator", null, c.req, c.get("requestId"));
    if (actor) c.set("actor", actor);
    const answered = inSession(
      c.env.DB,
      actor,
      c.req,
      () => next(),
      (db) => c.set("db", db),
      () => c.res.headers,
    );
    await toItsEnd(answered, actor, c.executionCtx);
  });
  return asking({ caller: "operator" }, middleware);
}

/** Who makes a request, where its method may write. */
function actorOf(
  type: ActorType,
  holder: Pick<Holder, "keyId" | "accountId"> | null,
  request: HonoRequest,
  requestId: string,
): Actor | undefined {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const { keyId = null, accountId = null } = holder ?? {};
  return { type, keyId, address: request.header("cf-connecting-ip") ?? null, requestId, accountId };
}

/** A change goes on when its caller hangs up: what follows its commit (caches told, an answer kept) must not be left out. */
function toItsEnd(call: Promise<void>, actor: Actor | undefined, context: Waiting): Promise<void> {
  if (actor) context.waitUntil(call.catch(() => undefined));
  return call;
}

interface Waiting {
  waitUntil(promise: Promise<unknown>): void;
}

/** Runs the handler with a session that starts where the caller's last one ended, and answers where this one ended. */
async function inSession(
  d1: D1Database,
  actor: Actor | undefined,
  request: HonoRequest,
  next: (unaudited: Db) => Promise<void>,
  provide: (db: Db) => void,
  headers: () => Headers,
): Promise<void> {
  const bookmark = request.header(BOOKMARK_HEADER);
  if (bookmark !== undefined && !BOOKMARK.test(bookmark)) throw new ApiError("bookmark_invalid");
  const session = openSession(d1, bookmark, actor);
  provide(session.db);
  await next(session.unaudited);
  const latest = session.bookmark();
  // Not by the context's `header`, which makes the whole answer anew.
  if (latest) headers().set(BOOKMARK_HEADER, latest);
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
  context: Waiting,
): Promise<Holder | null> {
  return findHolder(
    env,
    given,
    () => callerOf(request),
    (promise) => context.waitUntil(promise),
  );
}

/** Where a request comes from. */
export function addressOf(request: HonoRequest): string {
  return request.header("cf-connecting-ip") ?? "unknown";
}
