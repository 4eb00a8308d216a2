import { sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { ApiError } from "../../platform/errors";
import { asShown, tagsOfAccount } from "../tags/queries";
import { etag } from "./patch/etag";
import { asFleetSim, fleetColumns, type FleetRow, type TaggedSim } from "./row";
import { isNamed } from "./find-by-ref";

/** The visible SIM by id or ICCID. Throws `sim_not_found`. */
export async function readSim(db: Db, access: Access, ref: string): Promise<TaggedSim> {
  const now = Date.now();
  const its = isNamed(access, ref);
  const [[row], [account]] = await db.batch([
    statement<FleetRow>(db, sql`SELECT ${fleetColumns(access, now)} FROM sims WHERE ${its}`),
    tagsOfAccount(db, access),
  ]);
  if (!row) throw new ApiError("sim_not_found");
  return { sim: asFleetSim(row, asShown(access, account), now), etag: etag(row.tag) };
}
