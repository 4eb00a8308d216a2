import type { Lane, RetryPolicy } from "../../src/db/tables/types";

/** What the bench's Worker is asked to do; messages are the bodies of a batch. */
export type Asked =
  | { call: "report" | "report and store"; events: unknown[] }
  | { call: "store"; messages: unknown[] }
  | { call: "deliver"; lane: Lane; messages: unknown[]; timeoutMs: number }
  | { call: "usage"; accountId: string; query: Record<string, unknown> }
  | { call: "remove old"; now: number }
  | { call: "start replay"; accountId: string; webhookId: string; until: number }
  | { call: "replay"; messages: unknown[] }
  | { call: "make webhook"; accountId: string; url: string; retry: RetryPolicy };
