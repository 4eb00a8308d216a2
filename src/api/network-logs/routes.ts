import { Hono } from "hono";
import { sql } from "drizzle-orm";
import * as z from "zod";
import { key } from "../../request/callers";
import type { Keyed } from "../../request/types";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { networkLog } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { Limit, Offset } from "../../http/pagination";
import { input, path } from "../../http/validate";
import { SimRef } from "../sims/iccid";
import { simIdOf } from "../sims/find-by-ref";
import { visibleFrom } from "../../access/visibility";
import { TimeOrDate, isoTime } from "../../platform/time";
import { eventId } from "../../events/schemas";
import { NETWORK } from "../../pipeline/feed/find-events";
import { fleetType, networkOf } from "../../events/payload";
import { readStored } from "../../events/from-row";

const SimPath = z.object({ sim_id: SimRef });

const Listing = z.object({
  /** The first moment that counts. */
  timestamp: TimeOrDate.default(0),
  limit: Limit,
  offset: Offset,
});
type Listing = z.output<typeof Listing>;

/** `/network-logs` of the fleet API. */
export const networkLogRoutes = new Hono<Keyed>().get(
  "/:sim_id",
  key("usage:read"),
  path(SimPath),
  input(Listing),
  async (c) => {
    const { db, access } = c.var;
    const { sim_id } = c.req.valid("param");
    return c.json({ docs: await listNetworkLog(db, access, sim_id, c.req.valid("json")) });
  },
);

/** The entries of a SIM's network log from `timestamp` on, oldest first. Throws `sim_not_found`. */
async function listNetworkLog(
  db: Db,
  access: Access,
  ref: string,
  { timestamp, limit, offset }: Listing,
) {
  const id = simIdOf(access, ref);
  const [[sim], rows] = await db.batch([
    statement<{ iccid: string }>(
      db,
      sql`SELECT iccid FROM sims WHERE id = ${id} AND account_id = ${access.accountId}`,
    ),
    db
      .select(NETWORK)
      .from(networkLog)
      .where(
        sql`account_id = ${access.accountId} AND sim_id = ${id} AND time >= ${timestamp} AND type <> 'location'
          AND time >= ${visibleFrom(access, id)}`,
      )
      .orderBy(sql`time, type, imei, country_code, id`)
      .limit(limit)
      .offset(offset),
  ]);
  if (!sim) throw new ApiError("sim_not_found");
  return Promise.all(rows.map((row) => logEntry(row, sim.iccid)));
}

async function logEntry(row: Parameters<typeof readStored>[0], iccid: string) {
  const event = readStored(row);
  return {
    id: await eventId(event),
    time: isoTime(event.time),
    sim_id: event.sim_id,
    iccid,
    imei: (event.type !== "usage" && event.imei) || "",
    status: event.status ?? null,
    reason: event.reason ?? null,
    network_type: event.network_type ?? "",
    network: networkOf(event),
    log_type: fleetType(event.type),
  };
}
