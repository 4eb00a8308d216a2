import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { endByBytes, limitUpTo } from "../../http/pagination";
import { Eid, Iccid, Imei, Msisdn } from "../../http/scalars";
import { shownAs } from "../../platform/shown-as";
import { asShown, tagsOfAccount } from "../tags/queries";
import { isVisible, simsCarrying } from "../../access/visibility";
import { plainText } from "../../platform/text";
import { deviceOf } from "../../pipeline/ingest/device";
import { asFleetSim, bytesOfSim, fleetColumns, type FleetRow } from "./row";
import type { FleetSim } from "./responses";

/** `query` is what some clients call `search`. */
export const FindQuery = shownAs(
  z.object({ search: plainText(100), limit: limitUpTo(1000, 100) }),
  z
    .object({
      search: z.unknown().optional(),
      query: z.unknown().optional(),
      limit: limitUpTo(1000, 100),
    })
    .transform(({ search, query, limit }) => ({ search: search ?? query, limit }))
    .pipe(z.object({ search: plainText(100), limit: z.int() })),
);
export type FindQuery = z.output<typeof FindQuery>;

/** Characters that the index of pieces is made of. */
const TRIGRAM = 3;

/** SIMs that are looked through for a shorter piece. */
const SCANNED = 1000;

/** SIMs of a narrowed key that are looked through for a longer piece. */
const OWN = 5000;

/** Where it has more: SIMs with the piece in their names, of which its own are looked for. */
const MET = 5000;

/** The visible SIMs with the piece in their id, label, ICCID, IMSI, MSISDN, IMEI or EID, in the order of their ids. */
export async function findSims(
  db: Db,
  access: Access,
  { search: given, limit }: FindQuery,
): Promise<FleetSim[]> {
  const now = Date.now();
  const search = plainNumber(given);
  const statementOf = (source: SQL, most: SQL) =>
    statement<FleetRow>(db, sql`SELECT ${fleetColumns(access, now)} ${source} LIMIT ${most}`);
  const exact = WHOLE.test(search) ? named(access, search) : sql`FROM sims WHERE false`;
  const isShort = Array.from(search).length < TRIGRAM;
  const few = isShort ? sql`1` : hasFew(access);
  // Pieces are looked for only where nothing has the whole as its name.
  const unless = (what: SQL) => sql`iif(EXISTS (SELECT 1 ${exact}) OR ${what}, 0, ${limit})`;
  const some = lookedThrough(access, search, isShort ? SCANNED : OWN);
  const [whole, seen, met, [account]] = await db.batch([
    statementOf(exact, sql`${limit}`),
    statementOf(some, unless(sql`NOT ${few}`)),
    statementOf(found(access, search), unless(few)),
    tagsOfAccount(db, access),
  ]);
  const shown = asShown(access, account);
  const sims = [...whole, ...seen, ...met].map((row) => asFleetSim(row, shown, now));
  const listed = sims.map((sim) => ({ sim, passes: 1, is_last: 0 }));
  return endByBytes(listed, ({ sim }) => bytesOfSim(sim)).map(({ sim }) => sim);
}

/** What can be a whole id, ICCID or IMEI. */
const WHOLE = /^[0-9]{9,22}$/;

/** An ICCID, an IMEI, an EID or a phone number as it is stored: without separators, `F` or `+`. Any other text stays as it is. */
function plainNumber(search: string): string {
  for (const number of [Iccid, Imei, Eid, Msisdn]) {
    const { data } = number.safeParse(search);
    if (data !== undefined) return data;
  }
  return search;
}

/** SIMs that are named so as a whole, by the index of each name: the pieces of a long number are in very many SIMs. */
function named(access: Access, name: string): SQL {
  const device = Imei.safeParse(name).success ? deviceOf(name) : null;
  return sql`
    FROM sims WHERE sims.id IN (
      SELECT id FROM sims WHERE id = ${name} AND +account_id = ${access.accountId}
      UNION SELECT id FROM sims INDEXED BY sims_by_iccid WHERE account_id = ${access.accountId} AND iccid = ${name}
      UNION SELECT id FROM sims INDEXED BY sims_in_device WHERE account_id = ${access.accountId} AND device = ${device})
      AND ${isVisible(access, sql`sims.tags`)}
    ORDER BY sims.id`;
}

/** By the index of pieces. It holds the first three characters of each account, so that few rows of others are met. */
function found(access: Access, piece: string): SQL {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const phrases = phrasesOf(piece);
  const isWhole = phrases[0] === piece;
  const names = phrases.map((phrase) => `names:${quoted(phrase)}`);
  const match = `account:${quoted(access.accountId.slice(0, TRIGRAM))} AND ${names.join(" AND ")}`;
  const most = access.tags === null && isWhole ? sql`` : sql`LIMIT ${MET}`;
  return sql`
    FROM (SELECT rowid FROM sim_search WHERE sim_search MATCH ${match} ORDER BY rowid ${most}) AS met
    CROSS JOIN sims ON sims.id = printf('%09d', met.rowid)
    WHERE sims.account_id = ${access.accountId} AND ${isVisible(access, sql`sims.tags`)}
      AND ${isWhole ? sql`1` : sql`instr(lower(${NAMES}), lower(${piece}))`}
    ORDER BY met.rowid`;
}

/** Trigrams that are looked for: the index is walked once for each. */
const MOST_TRIGRAMS = 28;

/** How many of them may come again: one that is in every ICCID, as `000`, leads through all SIMs each time. */
const MOST_REPEATS = 3;

/**
 * The phrases that the index of pieces is asked for, with a bounded effort a SIM: the piece itself, or where it is too long or
 * repeats itself, its first trigrams, each once. Then what is found need not have the piece.
 */
export function phrasesOf(piece: string): string[] {
  const characters = Array.from(piece);
  const trigrams = characters.slice(TRIGRAM - 1).map((_, at) => {
    return characters.slice(at, at + TRIGRAM).join("");
  });
  const distinct = [...new Set(trigrams.map((trigram) => trigram.toLowerCase()))];
  const isBounded =
    trigrams.length <= MOST_TRIGRAMS && trigrams.length - distinct.length <= MOST_REPEATS;
  return isBounded ? [piece] : distinct.slice(0, MOST_TRIGRAMS);
}

/** What names a SIM, as the index of pieces has it. */
const NAMES = sql`sims.id || char(10) || coalesce(sims.alias, '') || char(10) || coalesce(sims.iccid, '') || char(10)
    || coalesce(sims.imsi, '') || char(10) || coalesce(sims.msisdn, '') || char(10) || coalesce(sims.imei, '') || char(10)
    || coalesce(sims.eid, '')`;

/** Whether a narrowed key has so few SIMs that all of them can be looked through. */
function hasFew({ accountId, tags }: Access): SQL {
  if (tags === null) return sql`0`;
  return sql`((SELECT count(*) FROM (SELECT 1 FROM ${simsCarrying(accountId, tags)} LIMIT ${OWN + 1})) <= ${OWN})`;
}

function lookedThrough(access: Access, piece: string, most: number): SQL {
  const { accountId, tags } = access;
  const some =
    tags === null
      ? sql`SELECT * FROM sims INDEXED BY sims_by_id WHERE account_id = ${accountId} ORDER BY id LIMIT ${most}`
      : sql`SELECT sims.* FROM (SELECT DISTINCT sim_id FROM ${simsCarrying(accountId, tags)} LIMIT ${most})
          CROSS JOIN sims ON sims.id = sim_id`;
  return sql`
    FROM (${some}) AS sims
    WHERE instr(lower(${NAMES}), lower(${piece})) ORDER BY sims.id`;
}
