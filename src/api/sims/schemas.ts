import * as z from "zod";
import { ConnectorId } from "../connectors/schemas";
import { Eid, Iccid, Imsi, Msisdn, SimId } from "../../http/scalars";
import { Name } from "../../platform/text";

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
