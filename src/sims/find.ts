import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type Db, statement } from "../db/client";
import { limitUpTo } from "../http/pagination";
import { tagsOfAccount } from "../tags/queries";
import { plainText } from "../text";
import { asFleetSim, fleetColumns, type FleetRow, type FleetSim } from "./fleet-sim";

/** `query` is what some clients call `search`. */
export const FindQuery = z
  .object({
    search: z.unknown().optional(),
    query: z.unknown().optional(),
    limit: limitUpTo(1000, 100),
  })
  .transform(({ search, query, limit }) => ({ search: search ?? query, limit }))
  .pipe(z.object({ search: plainText(100), limit: z.int() }));
export type FindQuery = z.output<typeof FindQuery>;

/** Characters that the index of pieces is made of. */
const TRIGRAM = 3;
/** SIMs that are looked through for a shorter piece, in the order of their ids. */
const SCANNED = 1000;

/** The account's SIMs with the piece in their id, label, ICCID, IMSI, MSISDN or IMEI, in the order of their ids. */
export async function findSims(
  db: Db,
  accountId: string,
  { search, limit }: FindQuery,
): Promise<FleetSim[]> {
  const now = Date.now();
  const statementOf = (source: SQL, most: SQL) =>
    statement<FleetRow>(db, sql`SELECT ${fleetColumns(now)} ${source} LIMIT ${most}`);
  const exact = WHOLE.test(search) ? named(accountId, search) : sql`FROM sims WHERE false`;
  const pieces =
    Array.from(search).length < TRIGRAM
      ? lookedThrough(accountId, search)
      : found(accountId, search);
  const [whole, rows, [account]] = await db.batch([
    statementOf(exact, sql`${limit}`),
    // Pieces are looked for only where nothing has the whole as its name.
    statementOf(pieces, sql`iif(EXISTS (SELECT 1 ${exact}), 0, ${limit})`),
    tagsOfAccount(db, accountId),
  ]);
  const sims = whole.length > 0 ? whole : rows;
  return sims.map((row) => asFleetSim(row, account?.tags ?? {}, now));
}

/** What can be a whole id, ICCID or IMEI. */
const WHOLE = /^[0-9]{9,22}$/;

/** SIMs that are named so as a whole, by the index of each name: the pieces of a long number are in very many SIMs. */
function named(accountId: string, name: string): SQL {
  return sql`
    FROM sims WHERE sims.id IN (
      SELECT id FROM sims WHERE id = ${name} AND +account_id = ${accountId}
      UNION SELECT id FROM sims INDEXED BY sims_by_iccid WHERE account_id = ${accountId} AND iccid = ${name}
      UNION SELECT id FROM sims INDEXED BY sims_in_device WHERE account_id = ${accountId} AND imei = ${name})
    ORDER BY sims.id`;
}

/** By the index of pieces. It holds the first three characters of each account, so that few rows of others are met. */
function found(accountId: string, piece: string): SQL {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const match = `account:${quoted(accountId.slice(0, TRIGRAM))} AND names:${quoted(piece)}`;
  return sql`
    FROM sim_search CROSS JOIN sims ON sims.id = printf('%09d', sim_search.rowid)
    WHERE sim_search MATCH ${match} AND sims.account_id = ${accountId}
    ORDER BY sim_search.rowid`;
}

function lookedThrough(accountId: string, piece: string): SQL {
  const names = sql`sims.id || char(10) || coalesce(sims.alias, '') || char(10) || coalesce(sims.iccid, '') || char(10)
    || coalesce(sims.imsi, '') || char(10) || coalesce(sims.msisdn, '') || char(10) || coalesce(sims.imei, '')`;
  return sql`
    FROM (
      SELECT * FROM sims INDEXED BY sims_by_id WHERE account_id = ${accountId} ORDER BY id LIMIT ${SCANNED}
    ) AS sims
    WHERE instr(lower(${names}), lower(${piece})) ORDER BY sims.id`;
}
