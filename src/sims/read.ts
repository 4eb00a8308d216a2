import { sql } from "drizzle-orm";
import { type Db, statement } from "../db/client";
import { ApiError } from "../errors";
import { tagsOfAccount } from "../tags/queries";
import { etag } from "./etag";
import { asFleetSim, fleetColumns, type FleetRow, type TaggedSim } from "./fleet-sim";
import { isNamed } from "./ref";

/** The account's SIM by id or ICCID. Throws `sim_not_found`. */
export async function readSim(db: Db, accountId: string, ref: string): Promise<TaggedSim> {
  const now = Date.now();
  const its = isNamed(accountId, ref);
  const [[row], [account]] = await db.batch([
    statement<FleetRow>(db, sql`SELECT ${fleetColumns(now)} FROM sims WHERE ${its}`),
    tagsOfAccount(db, accountId),
  ]);
  if (!row) throw new ApiError("sim_not_found");
  return { sim: asFleetSim(row, account?.tags ?? {}, now), etag: etag(row.tag) };
}
