import { type SQL, sql } from "drizzle-orm";
import { allOf } from "../../access/access";
import { type ClassicUsage, usagePayload } from "../../events/schemas";
import type { Met } from "../../http/pagination";
import { MINUTE_MS } from "../../platform/time";
import { dayOf, daysIn, type OneSim, type Period, recordsOfSim, type Whose } from "./sql";
import { recordsWithin } from "./scan";
import type { Position } from "./classic/schemas";

/** A record as {@link recordsPage} finds it: with what its event told besides, and its SIM's ICCID. */
export type Row = Met &
  ClassicUsage & {
    id: string;
    session_id: string | null;
    network_type: string | null;
    mcc: string | null;
    mnc: string | null;
    iccid: string | null;
  };

export function positionOf({ time, sim_id, bill_id, operation, id }: Row): Position {
  return { time, sim_id, bill_id, operation, id };
}

/** A record of the fleet API, with the fields of the classic one that it lacks behind its own. */
export function fleetRecord({ iccid, session_id, network_type, mcc, mnc, ...record }: Row) {
  const { time, bill_id, sim_id, country_code, operation, upload, download } = usagePayload(record);
  return {
    time,
    bill_id,
    sim_id,
    iccid,
    session_id,
    bytes: record.upload + record.download,
    country_code,
    network_type,
    network: { mcc, mnc },
    operation,
    upload,
    download,
  };
}

const COLUMNS = sql`minute, time, sim_id, bill_id, operation, usage_records.id, nullif(country_code, '') AS country_code, upload, download,
  details ->> '$.session_id' AS session_id, details ->> '$.network_type' AS network_type,
  details ->> '$.network.mcc' AS mcc, details ->> '$.network.mnc' AS mnc`;

/** `limit` of the period's records behind a position, of the visible SIMs; see {@link ofAccount} and {@link recordsOfSim} for their order. */
export function recordsPage(
  whose: Whose,
  period: Period,
  after: Position | undefined,
  limit: number,
): SQL {
  const { accountId, sim } = whose;
  const all = { ...whose, ...allOf(accountId) };
  const records =
    sim === undefined ? ofAccount(all, period, after) : ofSim({ ...whose, sim }, period, after);
  const access = sim === undefined ? whose : all;
  const country = sim === undefined ? whose.country : undefined;
  const page = recordsWithin(access, sql`SELECT ${COLUMNS} FROM ${records}`, limit, country);
  return sql`
    SELECT page.*, (SELECT iccid FROM sims WHERE sims.id = ${sim ?? sql`page.sim_id`} AND sims.account_id = ${accountId}) AS iccid
    FROM (${page}) AS page`;
}

function ofSim(whose: OneSim, { begin, end }: Period, after: Position | undefined): SQL {
  const rest = { begin: Math.max(begin, after?.time ?? 0), end };
  const records = recordsOfSim(whose, rest);
  return after ? sql`${records} AND ${behind(after)}` : records;
}

/**
 * By minute and SIM, as they are stored, so that of a crowded minute only the page's are read. Where a country is named,
 * all records from the first day behind the position that has some of it to the last one.
 */
export function ofAccount(whose: Whose, { begin, end }: Period, after: Position | undefined): SQL {
  const [first, last] = [begin, end - 1].map((time) => Math.floor(time / MINUTE_MS));
  const days = daysIn(whose, dayOf(after?.time ?? begin), dayOf(end - 1));
  const named = whose.country !== undefined;
  const from = sql`(SELECT min(day) * 1440 FROM ${days})`;
  const to = named ? sql`(SELECT min(${last}, max(day) * 1440 + 1439) FROM ${days})` : sql`${last}`;
  const start = named
    ? sql`minute >= (SELECT max(${first}, min(day) * 1440) FROM ${days})`
    : sql`minute >= ${first}`;
  return sql`usage_records WHERE account_id = ${whose.accountId}
    AND ${after ? behind(after, named ? from : undefined) : start} AND minute <= ${to}
    AND time >= ${begin} AND time < ${end}
    ORDER BY minute, sim_id, time, bill_id, operation, id`;
}

/** Behind a position, and not before the minute `from` where one is given. */
function behind(after: Position, from?: SQL): SQL {
  const minute = Math.floor(after.time / MINUTE_MS);
  const { sim_id, time, bill_id, operation, id } = after;
  const position = sql`${minute}, ${sim_id}, ${time}, ${bill_id}, ${operation}, ${id}`;
  const start = from
    ? sql`SELECT * FROM (SELECT ${position} UNION ALL SELECT ${from}, '', 0, '', '', '') ORDER BY 1 DESC, 2 DESC LIMIT 1`
    : position;
  return sql`(minute, sim_id, time, bill_id, operation, usage_records.id) > (${start})`;
}
