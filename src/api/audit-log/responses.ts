import * as z from "zod";
import { IsoTime, Pagination } from "../../http/responses";
import { ACTIONS } from "../../db/audit-actions";

/** An entry of the audit log. */
export const AuditEntry = z
  .object({
    id: z.string().describe("Names the entry within its account; later ones are greater."),
    time: IsoTime,
    actor: z.object({
      type: z.enum(["key", "operator", "system"]),
      key_id: z.string().nullable().describe("Which key; null of the operator and the system."),
    }),
    address: z.string().nullable().describe("Where the call came from; null of the system."),
    request_id: z.string().nullable().describe("The call's `x-request-id`; null of the system."),
    action: z.enum(ACTIONS),
    subject: z.string().describe("The id of what was changed, or its name."),
    sim_id: z.string().nullable().describe("The SIM, where it is one or its card."),
    before: z
      .unknown()
      .describe("Its fields before, of a change those that differ; null: it was not there."),
    after: z.unknown().describe("Its fields after; null: it is not there any more."),
  })
  .meta({ id: "AuditEntry", description: "What was changed, by whom, and what it was before." });
export type AuditEntry = z.output<typeof AuditEntry>;

export const AuditPage = z
  .object({ entries: z.array(AuditEntry), pagination: Pagination })
  .meta({ id: "AuditPage" });
