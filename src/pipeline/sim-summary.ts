import { and, eq, inArray } from "drizzle-orm";
import { type Db, listed } from "../db/client";
import { sims } from "../db/tables";
import type { SimFacts } from "../events/payload";

/** Of a SIM that is gone. */
export const UNKNOWN: SimFacts = {
  iccid: null,
  label: null,
  ipv4: null,
  imei: null,
  network: null,
  country_code: null,
};

/** What the fleet payload says of SIMs, by their ids. */
export const FACTS = {
  label: sims.alias,
  iccid: sims.iccid,
  ipv4: sims.ipv4,
  imei: sims.imei,
  network: sims.network,
  country_code: sims.countryCode,
};

/** The facts of the account's SIMs that events are of. */
export async function findSimFacts(
  db: Db,
  accountId: string,
  events: readonly { sim_id: string }[],
): Promise<Map<string, SimFacts>> {
  const ids = [...new Set(events.map(({ sim_id }) => sim_id))];
  const rows = await db
    .select({ id: sims.id, ...FACTS })
    .from(sims)
    .where(and(eq(sims.accountId, accountId), inArray(sims.id, listed(ids))));
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}
