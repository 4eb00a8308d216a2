import * as z from "zod";
import { cursor, limitUpTo } from "../http/pagination";
import { SimId } from "../sims/schemas";
import { Time } from "../time";
import { type Action, ACTIONS, THINGS } from "./actions";
import type { ActorType } from "./context";

/** An entry of the audit log as the API answers it. */
export interface AuditEntry {
  /** Names the entry within its account. */
  id: string;
  time: string;
  actor: { type: ActorType; key_id: string | null };
  /** null of the system. */
  address: string | null;
  request_id: string | null;
  action: Action;
  /** The id of what was changed, or its name. */
  subject: string;
  sim_id: string | null;
  /** null: it was not there before. */
  before: unknown;
  /** null: it is not there any more. */
  after: unknown;
}

export const AuditQuery = z
  .object({
    /** `operator`, `system`, or a key's id. */
    actor: z.union([z.enum(["operator", "system"]), z.uuid().toLowerCase()]).optional(),
    /** One action, or all of a thing. */
    action: z
      .string()
      .refine((name) => THINGS.has(name) || ACTIONS.some((action) => action === name))
      .optional(),
    sim_id: SimId.optional(),
    since: Time.optional(),
    until: Time.optional(),
    format: z.enum(["json", "ndjson"]).optional(),
    limit: limitUpTo(1000, 100),
    next_page: cursor(z.int()),
  })
  .refine(({ since = -Infinity, until = Infinity }) => since <= until, { path: ["until"] });
export type AuditQuery = z.output<typeof AuditQuery>;

/** The same, of whichever account the operator asks for. */
export const AccountAuditQuery = AuditQuery.safeExtend({ account_id: z.string().min(1).max(64) });
