import * as z from "zod";
import { cursor, limitUpTo } from "../../http/pagination";
import { SimId } from "../../http/scalars";
import { TimeOrDate } from "../../platform/time";
import { ACTIONS, THINGS } from "../../db/audit-actions";

export const AuditQuery = z
  .object({
    /** `operator`, `system`, or a key's id. */
    actor: z.union([z.enum(["operator", "system"]), z.uuid().toLowerCase()]).optional(),
    /** One action, or all of a thing. */
    action: z.enum([...THINGS, ...ACTIONS]).optional(),
    sim_id: SimId.optional(),
    since: TimeOrDate.optional(),
    until: TimeOrDate.optional(),
    format: z.enum(["json", "ndjson"]).optional(),
    limit: limitUpTo(1000, 100),
    next_page: cursor(z.int()),
  })
  .refine(({ since = -Infinity, until = Infinity }) => since <= until, { path: ["until"] });
export type AuditQuery = z.output<typeof AuditQuery>;

/** The same, of whichever account the operator asks for. */
export const AccountAuditQuery = AuditQuery.safeExtend({ account_id: z.string().min(1).max(64) });
