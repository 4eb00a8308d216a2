import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Access } from "../../access/access";
import { type Db, statement } from "../../db/client";
import { withinBytes } from "../../db/page-bytes";
import { accounts, type auditLog } from "../../db/tables";
import { ApiError } from "../../platform/errors";
import { writeCursor } from "../../http/pagination";
import { isSimVisible } from "../../access/visibility";
import { isoTime } from "../../platform/time";
import { THINGS } from "../../db/audit-actions";
import type { AuditQuery } from "./schemas";
import type { AuditEntry } from "./responses";
import type { Pagination } from "../../http/responses";
import { SEQ_A_MS } from "../../db/sequence";

/** Entries that one page reads at most, however few of them the filter asks for. */
const SCANNED_ROWS = 5_000;

/** Bytes of an entry beside its fields before and after. */
const ENTRY_BYTES = 450;

/** Who reads, and what it may see; the operator has no key. */
export interface Reader extends Access {
  keyId: string | null;
}

/** Which entries a narrowed key sees: its own doings, and what became of the SIMs that it sees now. */
function shownTo(reader: Reader): SQL | undefined {
  if (reader.tags === null) return undefined;
  return sql`(key_id = ${reader.keyId} OR ${isSimVisible(reader, sql`scanned.sim_id`, sql`scanned.seq / ${SEQ_A_MS}`)})`;
}

/** A page of the account's audit log, newest first. Throws `account_not_found`. */
export async function listAudit(
  db: Db,
  reader: Reader,
  query: AuditQuery,
  scannedRows?: number,
): Promise<{ entries: AuditEntry[]; pagination: Pagination }> {
  const { entries, next } = await readAudit(db, reader, query, scannedRows);
  const pagination =
    next === undefined ? { has_more: false } : { has_more: true, next_page: writeCursor(next) };
  return { entries, pagination };
}

/**
 * Entries, newest first, and where to go on, if there may be more; there may be fewer than `limit` all the same.
 * Throws `account_not_found`.
 */
export async function readAudit(
  db: Db,
  reader: Reader,
  { limit, next_page, ...asked }: AuditQuery,
  scannedRows = SCANNED_ROWS,
): Promise<{ entries: AuditEntry[]; next: number | undefined }> {
  const { accountId } = reader;
  const filter = and(shownTo(reader), inEntries(asked));
  // Without a filter each row is an entry of the page.
  const most = filter ? scannedRows : limit + 1;
  const scanned = sql`(
    SELECT seq, actor, key_id, action, sim_id, ${ENTRY_BYTES} + coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0) AS bytes
    FROM audit_log WHERE ${inPeriod(accountId, asked, next_page)} ORDER BY seq DESC LIMIT ${most}) AS scanned`;
  const some = withinBytes(sql`
    SELECT seq AS some_seq, bytes FROM ${scanned} WHERE ${filter ?? sql`true`} ORDER BY seq DESC LIMIT ${limit + 1}`);
  const [owners, found, [scan]] = await db.batch([
    db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId)),
    statement<Row>(
      db,
      sql`
      SELECT seq, actor, key_id, address, request_id, action, subject, sim_id, before, after, is_last
      FROM (${some}) CROSS JOIN audit_log ON account_id = ${accountId} AND seq = some_seq`,
    ),
    statement<{ rows: number; last: number }>(
      db,
      sql`SELECT count(*) AS rows, min(seq) AS last FROM ${scanned}`,
    ),
  ]);
  if (owners.length === 0) throw new ApiError("account_not_found");
  const entries = found.slice(0, limit).map(asEntry);
  const cut = found.find(({ is_last }) => is_last);
  if (found.length > limit) return { entries, next: found[limit - 1]?.seq };
  if (cut) return { entries, next: cut.seq };
  return { entries, next: filter && scan?.rows === most ? scan.last : undefined };
}

/** Which rows are before the page's beginning, and in the period. */
function inPeriod(
  accountId: string,
  { since, until }: Pick<AuditQuery, "since" | "until">,
  before: number | undefined,
): SQL | undefined {
  return and(
    sql`account_id = ${accountId}`,
    before === undefined ? undefined : sql`seq < ${before}`,
    since === undefined ? undefined : sql`seq >= ${since * SEQ_A_MS}`,
    until === undefined ? undefined : sql`seq < ${until * SEQ_A_MS}`,
  );
}

/** Which of these a filter asks for; undefined: all. */
function inEntries({
  actor,
  action,
  sim_id,
}: Pick<AuditQuery, "actor" | "action" | "sim_id">): SQL | undefined {
  const isKey = actor !== "operator" && actor !== "system";
  return and(
    actor === undefined ? undefined : isKey ? sql`key_id = ${actor}` : sql`actor = ${actor}`,
    action === undefined
      ? undefined
      : sql`action GLOB ${THINGS.has(action) ? `${action}.*` : action}`,
    sim_id === undefined ? undefined : sql`sim_id = ${sim_id}`,
  );
}

type Stored = typeof auditLog.$inferSelect;
type Row = Pick<Stored, "seq" | "actor" | "address" | "action" | "subject" | "before" | "after"> & {
  key_id: Stored["keyId"];
  request_id: Stored["requestId"];
  sim_id: Stored["simId"];
  is_last: number;
};

function asEntry({ seq, actor, key_id, before, after, ...rest }: Row): AuditEntry {
  const { address, request_id, action, subject, sim_id } = rest;
  return {
    id: String(seq),
    time: isoTime(Math.floor(seq / SEQ_A_MS)),
    actor: { type: actor, key_id },
    address,
    request_id,
    action,
    subject,
    sim_id,
    before: before === null ? null : (JSON.parse(before) as unknown),
    after: after === null ? null : (JSON.parse(after) as unknown),
  };
}
