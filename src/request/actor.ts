import type { Context } from "hono";
import type { KeyRecord } from "../access/find-key";
import type { Actor, ActorType } from "../db/audited";
import type { Called } from "./types";

/** Who makes a change, for the audit log; undefined for calls that only read. */
export function actorOf(
  c: Pick<Context<Called>, "req" | "get">,
  type: ActorType,
  keyRecord?: KeyRecord,
): Actor | undefined {
  if (c.req.method === "GET" || c.req.method === "HEAD") return undefined;
  return {
    type,
    keyId: keyRecord?.keyId ?? null,
    accountId: keyRecord?.accountId ?? null,
    address: c.req.header("cf-connecting-ip") ?? null,
    requestId: c.get("requestId"),
  };
}
