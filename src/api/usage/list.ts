import { type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { ApiError } from "../../platform/errors";
import { type Met, pageOfMet } from "../../http/pagination";
import { simIdOf } from "../sims/find-by-ref";
import { fleetRecord, positionOf, recordsPage, type Row } from "./list-records";
import { asOf, newestStored } from "./as-of";
import type { FleetQuery, Question } from "./schemas";
import { asGroup, type GroupRow, groupsPage } from "./list-groups";
import { monthOf } from "./time-period";
import { knownTotals, type Totals, totalsOf } from "./totals";
import type { Pagination } from "../../http/responses";

export interface FleetUsage<Shown> {
  pagination: Pagination;
  usage: Shown[];
  /** Bytes over the whole period and filter; as text, since they may be more than a number holds. */
  upload: string;
  download: string;
  /** When the account's newest event was stored; null where none is in its feed. */
  as_of: string | null;
}

export interface Asked extends Omit<FleetQuery, "filter"> {
  filter: Partial<FleetQuery["filter"]>;
  /** The SIM that the path names. */
  path?: string;
}

/**
 * The records of the visible SIMs, or their groups, in the period and of the SIM and the country that the filters name; a page
 * that a cursor begins goes on with what was asked first. Old records and hours may be removed; the sums count them.
 * Throws `sim_not_found`, `next_page_invalid` and `usage_too_large`.
 */
export function readFleetUsage(db: Db, access: Access, asked: Asked) {
  const now = Date.now();
  const { limit, next_page, path } = asked;
  const question = next_page?.asked ?? questionOf(asked, now);
  const { begin, end, country } = question;
  const ref = path ?? question.sim;
  const whose = { ...access, country, sim: ref === undefined ? undefined : idOf(access, ref) };
  const totals = next_page ? knownTotals(next_page.sums) : totalsOf(whose, { begin, end }, now);
  const list = { db, access, path, limit, question, ref, totals };

  const begun = next_page ?? { group: asked.group, after: undefined };
  if ("group" in begun && begun.group) {
    const { group, after } = begun;
    return answer(list, {
      rows: groupsPage(group, whose, { begin, end }, { after, limit: limit + 1 }),
      check: (groups: GroupRow[]) => {
        if (groups.some(({ too_many }) => too_many)) throw new ApiError("usage_too_large");
      },
      position: ({ key }: GroupRow) => ({ group, after: key }),
      show: (groups: GroupRow[]) => groups.map((one) => asGroup(group, one)),
    });
  }
  return answer(list, {
    rows: recordsPage(whose, { begin, end }, begun.after, limit + 1),
    position: (record: Row) => ({ after: positionOf(record) }),
    // They come by minute and SIM.
    show: (records: Row[]) => records.toSorted((a, b) => a.time - b.time).map(fleetRecord),
  });
}

/** Without a time: this month; its records until now, as the classic call lists them. */
function questionOf({ filter, group }: Asked, now: number): Question {
  const month = monthOf(now);
  const period = filter.time ?? (group ? month : { begin: month.begin, end: now });
  return { ...period, sim: filter.sim_id, country: filter.country_code };
}

/** Of a filter any id will do: the account may have deleted the SIM and still has its records; a narrowed key has not. */
function idOf(access: Access, ref: string): SQL {
  return SIM_ID.test(ref) && access.tags === null ? sql`${ref}` : simIdOf(access, ref);
}

const SIM_ID = /^[0-9]{9}$/;

interface List {
  db: Db;
  access: Access;
  path: string | undefined;
  limit: number;
  question: Question;
  ref: string | undefined;
  totals: SQL;
}

/** How the rows of a list are found, where the page behind one begins, and what is shown of them. */
interface Rows<Found, Shown> {
  rows: SQL;
  /** Throws where no page can be made of what was found. */
  check?: (rows: Found[]) => void;
  position: (row: Found) => object;
  show: (rows: Found[]) => Shown[];
}

async function answer<Found extends Met, Shown>(
  { db, access, path, limit, question, ref, totals }: List,
  { rows, check, position, show }: Rows<Found, Shown>,
): Promise<FleetUsage<Shown>> {
  const named = ref === undefined ? sql`NULL` : simIdOf(access, ref);
  const [[sim], found, [sums], [stored]] = await db.batch([
    statement<{ id: string | null }>(db, sql`SELECT ${named} AS id`),
    statement<Found>(db, rows),
    statement<Totals>(db, totals),
    newestStored(db, access.accountId),
  ]);
  const id = sim?.id ?? undefined;
  if (path !== undefined && id === undefined) throw new ApiError("sim_not_found");
  if (path !== undefined && question.sim !== undefined && question.sim !== id)
    throw new ApiError("next_page_invalid");
  check?.(found);
  const { upload = "0", download = "0", too_many = 0 } = sums ?? {};
  if (too_many) throw new ApiError("usage_too_large");
  const asked = { ...question, sim: id ?? question.sim };
  const cut = pageOfMet(found, limit, (row) => ({
    asked,
    sums: { upload, download },
    ...position(row),
  }));
  return {
    pagination: cut.pagination,
    usage: show(cut.rows),
    upload,
    download,
    as_of: asOf(stored),
  };
}
