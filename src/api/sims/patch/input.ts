import * as z from "zod";
import type { RefusedChange } from "../responses";
import { ConnectorId } from "../../connectors/schemas";
import { listOf } from "../../../platform/shown-as";
import { isObject } from "../../../http/body";
import { PARSING } from "../../../http/error-detail";
import { PassedOver } from "../../../http/passed-over";
import { refusalOf } from "../../../http/validate";
import { TagIds } from "../../tags/schemas";
import { Name } from "../../../platform/text";
import { SimRef } from "../iccid";

const LEAST_LIMIT = 500_000;
const Bytes = z.int().min(LEAST_LIMIT).max(1e15);

/** What the object of a SIM holds besides: clients send back what they read, and it is passed over. */
const READ_ONLY = {
  id: PassedOver,
  iccid: PassedOver,
  imsi: PassedOver,
  msisdn: PassedOver,
  eid: PassedOver,
  imei: PassedOver,
  ipv4: PassedOver,
  online: PassedOver,
  online_at: PassedOver,
  last_came_online_at: PassedOver,
  last_seen_at: PassedOver,
  network: PassedOver,
  usage: PassedOver,
  location: PassedOver,
  device_info: PassedOver,
};

/** What changes a SIM; what is left out stays, null takes away. */
export const SimPatch = z.strictObject({
  ...READ_ONLY,
  label: Name.nullable().optional(),
  network_whitelist: Name.nullable().optional(),
  imei_lock: z
    .string()
    .regex(/^[0-9]{14,16}$/)
    .nullable()
    .optional(),
  connector: ConnectorId.nullable().optional(),
  activated: z.boolean().optional(),
  data_limit: z
    .strictObject({
      total: Bytes.optional(),
      type: z.literal("monthly").optional(),
      alert_threshold: Bytes.nullable().optional(),
      used: PassedOver,
      period: PassedOver,
      resets_at: PassedOver,
    })
    // An alert beyond the limit would never come.
    .refine(({ total, alert_threshold: alert }) => (alert ?? 0) <= (total ?? Infinity))
    .optional(),
  tags: TagIds.optional(),
  technologies: z
    .strictObject({
      sms: z.boolean().optional(),
      "2g_3g": z.boolean().optional(),
      "4g": z.boolean().optional(),
    })
    .optional(),
});
export type SimPatch = z.output<typeof SimPatch>;

/** A body of `PATCH /sims/bulk`; each change is checked on its own. */
export const Changes = listOf(SimPatch.extend({ id: SimRef }), 1000);

/** A change and the SIM that it is for, by id or ICCID. */
export interface Change {
  index: number;
  ref: string;
  patch: SimPatch;
}

/** Each change on its own: those of the right form, and why the others are not. */
export function readChanges(given: readonly unknown[]): {
  changes: Change[];
  refused: RefusedChange[];
} {
  const changes: Change[] = [];
  const refused: RefusedChange[] = [];
  for (const [index, value] of given.entries()) {
    const id = isObject(value) && typeof value.id === "string" ? value.id : null;
    const ref = SimRef.safeParse(id);
    const patch = SimPatch.safeParse(value, PARSING);
    if (!isObject(value)) refused.push({ index, id, error: "change_invalid" });
    else if (!ref.success) refused.push({ index, id, error: "id_invalid" });
    else if (!patch.success) refused.push({ index, id, ...refusalOf(patch.error).asEntry() });
    else changes.push({ index, ref: ref.data, patch: patch.data });
  }
  return { changes, refused };
}
