import { sql } from "drizzle-orm";
import type { Reach } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { ApiError } from "../../platform/errors";
import { asShown, tagsOfAccount } from "../tags/queries";
import { etag } from "./patch/etag";
import { asFleetSim, fleetColumns, type FleetRow, type TaggedSim } from "./row";
import { isNamed } from "./find-by-ref";

/** The visible SIM by id or ICCID. Throws `sim_not_found`. */
export async function readSim(db: Db, reach: Reach, ref: string): Promise<TaggedSim> {
  const now = Date.now();
  const its = isNamed(reach, ref);
  const [[row], [account]] = await db.batch([
    statement<FleetRow>(db, sql`SELECT ${fleetColumns(reach, now)} FROM sims WHERE ${its}`),
    tagsOfAccount(db, reach),
  ]);
  if (!row) throw new ApiError("sim_not_found");
  return { sim: asFleetSim(row, asShown(reach, account), now), etag: etag(row.tag) };
}
