import type { Context, Next } from "hono";
import type { Access } from "../access/access";
import type { KeyRecord } from "../access/find-key";
import type { Allowance } from "../access/rate-limit";
import type { Actor } from "../db/audited";
import type { Db } from "../db/client";
import type { Config, Env } from "../platform/env";
import type { ErrorCode } from "../platform/errors";
import type { Spent } from "../platform/spent";

/** The context of any call that passed `key(scope)` or `operator()`. */
export interface Called {
  Bindings: Env;
  Variables: {
    config: Config;
    db: Db;
    /** The same session, without the audit log. */
    unaudited: Db;
    /** Not set for calls that only read. */
    actor?: Actor;
    /** What the call has cost in the database so far. */
    spent: Spent;
    /** The error code of the response. */
    refusal?: ErrorCode;
  };
}

/** The context of a call with an account's key. */
export interface Keyed extends Called {
  Variables: Called["Variables"] & {
    keyRecord: KeyRecord;
    access: Access;
    /** How many calls this one has counted as so far. */
    counted: number;
    /** What the key may still do in this minute. */
    allowance?: Allowance;
  };
}

/** The context of a call with the operator's key. */
export interface Operated extends Called {
  Variables: Called["Variables"] & { actor: Actor };
}

/** One step of a chain. It throws an `ApiError` to refuse the call. */
export type Step<E extends Called = Called> = (c: Context<E>, next: Next) => Promise<void>;
