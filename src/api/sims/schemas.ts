import * as z from "zod";
import { ConnectorId } from "../connectors/schemas";
import type { Location } from "../../events/details";
import { Eid, Iccid, Imsi, Msisdn } from "../../http/scalars";
import { Name } from "../../platform/text";

/** A SIM's id: nine ASCII digits. */
export const SimId = z.string("a string of nine digits").regex(/^[0-9]{9}$/);

/** Names a SIM. */
export const SimKey = z.object({ id: SimId });

/** A SIM as the classic API takes it; what is left out takes its default. */
export const SimInput = z.object({
  id: SimId,
  alias: Name.nullable().default(null),
  active: z.boolean().default(true),
  connector: ConnectorId.nullable().default(null),
});
export type SimInput = z.output<typeof SimInput>;

/** Where a SIM's device was, and when (ms). */
export type LocatedAt = Location & { time: number };

/** A SIM's monthly limit in bytes, and the usage to tell of before it. */
export interface StoredDataLimit {
  total: number;
  alert_threshold?: number;
}

export interface Technologies {
  sms: boolean;
  "2g_3g": boolean;
  "4g": boolean;
}

/** A SIM card as the operator issues it. */
export const SimCard = z.strictObject({
  id: SimId,
  iccid: Iccid.nullable().default(null),
  imsi: Imsi.nullable().default(null),
  msisdn: Msisdn.nullable().default(null),
  eid: Eid.nullable().default(null),
  ipv4: z.ipv4().nullable().default(null),
  account_id: z.string().min(1).max(64),
  take: z.boolean().default(false),
});
export type SimCard = z.output<typeof SimCard>;
