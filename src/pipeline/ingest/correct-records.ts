import { type SQL, sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import type { UsageEvent } from "../../events/schemas";
import { splitDetails } from "../../events/details";
import { appendEntries } from "../feed/append";
import { randomRun } from "./run";
import { resetUsageToSortBy } from "./store-presence";
import { DAY_MS, HOUR_MS, startOfMonth, startOfNextMonth } from "../../platform/time";
import { recordKey } from "../../db/record-key";
import {
  addToAccountDays,
  addToAccountHours,
  addToDays,
  minuteOf,
  usageOfAccountsInsertedBy,
} from "./usage-rollups";
import { shown } from "../../db/sums";
import { settle } from "./settled-reports";

/** A record that is to be replaced, as it was read, and what takes its place. */
export interface Mend {
  account_id: string;
  sim_id: string;
  /** The public id of the event that tells of it. */
  id: string;
  /** All that the report of the mend says. */
  content: string;
  before: UsageEvent;
  /** Tells whether the record is still as it was read. */
  run: number;
  /** The report itself has the identity of the record: a repeat of it is told as this is. */
  replacement: boolean;
  /** What a report of the record said before: a repeat of it counts no more. */
  settled: { identity: string; content: string };
  after: UsageEvent;
  told: UsageEvent;
}

/**
 * Puts records in the place of others in one D1 batch, with all totals that follow from it and the feed. No two of the
 * mends may be of one record. A record that was changed since it was read is left as it is. Answers which mends were
 * made, as `<sim_id> <id>`.
 */
export async function mendRecords(db: Db, mends: readonly Mend[]): Promise<Set<string>> {
  const run = randomRun();
  const rows = sql`json_each(${JSON.stringify(mends.map(rowOf))})`;
  const made = sql`${rows} CROSS JOIN usage_corrections AS made
    ON made.account_id = value ->> 'account_id' AND made.id = value ->> 'id' AND made.sim_id = value ->> 'sim_id'
      AND made.run = ${run}`;
  const inserted = usageOfAccountsInsertedBy(
    run,
    mends.map(({ account_id, after }) => ({ accountId: account_id, event: after })),
  );
  const [, , , , , , , , , , , , , , , , done] = await db.batch([
    statement(db, noteCorrections(rows, run)),
    settle(
      db,
      sql`
      SELECT made.sim_id, value ->> '$.settled.identity', value ->> '$.settled.content', value ->> '$.before.time', NULL,
        made.account_id
      FROM ${made}
      UNION ALL
      SELECT made.sim_id, value ->> '$.settled.identity', made.content, made.time, made.id, made.account_id
      FROM ${made} AND value ->> 'replacement'`,
    ),
    statement(db, takeFrom("usage_days", ["account_id", "sim_id", "day", "country_code"], made)),
    statement(db, takeFrom("account_days", ["account_id", "day", "country_code"], made)),
    statement(
      db,
      takeFrom("account_hours", ["account_id", "hour", "country_code", "network"], made),
    ),
    statement(
      db,
      sql`
      DELETE FROM usage_records WHERE (account_id, minute, sim_id, time, bill_id, operation, id) IN (
        SELECT made.account_id, ${fields("before", ["minute", "sim_id", "time", "bill_id", "operation", "key"])} FROM ${made})`,
    ),
    statement(
      db,
      sql`
      INSERT INTO usage_records
        (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, details, run)
      SELECT made.account_id, ${fields("after", ["minute", "sim_id", "time", "bill_id", "operation", "key", "country_code", "upload", "download", "details"])},
        ${run}
      FROM ${made}`,
    ),
    addToDays(db, inserted),
    addToAccountDays(db, inserted),
    addToAccountHours(db, inserted),
    statement(db, dropEmpty("usage_days", ["account_id", "sim_id", "day", "country_code"], made)),
    statement(db, dropEmpty("account_days", ["account_id", "day", "country_code"], made)),
    statement(
      db,
      dropEmpty("account_hours", ["account_id", "hour", "country_code", "network"], made),
    ),
    statement(db, sumMonths(made)),
    statement(db, resetUsageToSortBy(sql`(SELECT made.sim_id FROM ${made})`)),
    appendEntries(db, sql`SELECT made.account_id, made.event FROM ${made}`),
    statement<{ place: string }>(
      db,
      sql`SELECT made.sim_id || ' ' || made.id AS place FROM ${made}`,
    ),
  ]);
  return new Set(done.map(({ place }) => place));
}

function rowOf(mend: Mend) {
  const { account_id, sim_id, id, content, before, run, replacement, settled, after, told } = mend;
  const { time, bill_id, operation } = after;
  const key = recordKey(after);
  // An id leads to its record wherever it is moved.
  const record = JSON.stringify(
    after.id === undefined ? [time, bill_id, operation, key] : [0, "", "", key],
  );
  return {
    account_id,
    sim_id,
    id,
    content,
    replacement,
    settled,
    run,
    time: Math.max(before.time, after.time),
    record,
    before: placed(before),
    after: placed(after),
    told: JSON.stringify(splitDetails(told)),
  };
}

/** A record with the keys of the totals that it counts in. */
function placed(event: UsageEvent) {
  const { mcc, mnc } = event.network ?? {};
  return {
    ...splitDetails(event),
    country_code: event.country_code ?? "",
    key: recordKey(event),
    minute: minuteOf(event),
    day: Math.floor(event.time / DAY_MS),
    hour: Math.floor(event.time / HOUR_MS),
    network: mcc && mnc ? `${mcc}-${mnc}` : "",
    month: { begin: startOfMonth(event.time) / DAY_MS, end: startOfNextMonth(event.time) / DAY_MS },
  };
}

function fields(of: "before" | "after", names: readonly string[]): SQL {
  return sql.join(
    names.map((name) => sql`value ->> ${`$.${of}.${name}`}`),
    sql`, `,
  );
}

/** Takes note of the mends whose records are still as they were read: the statements behind it do those. */
function noteCorrections(rows: SQL, run: number): SQL {
  return sql`
    INSERT INTO usage_corrections (account_id, id, sim_id, time, record, content, event, run)
    SELECT value ->> 'account_id', value ->> 'id', value ->> 'sim_id', value ->> 'time', value ->> 'record',
      value ->> 'content', value ->> 'told', ${run}
    FROM ${rows} CROSS JOIN usage_records AS old
      ON old.account_id = value ->> 'account_id'
        AND (old.minute, old.sim_id, old.time, old.bill_id, old.operation, old.id)
          = (${fields("before", ["minute", "sim_id", "time", "bill_id", "operation", "key"])})
        AND old.run = value ->> 'run'
    WHERE true ON CONFLICT DO NOTHING`;
}

/** The keys of the totals that the records before counted in, and what they counted there. */
function counted(key: readonly string[], made: SQL): SQL {
  const [, ...own] = key;
  const names = own.map((name) => sql`value ->> ${`$.before.${name}`} AS ${sql.raw(name)}`);
  return sql`
    SELECT made.account_id AS account_id, ${sql.join(names, sql`, `)}, sum(value ->> '$.before.upload') AS upload,
      sum(value ->> '$.before.download') AS download, count(*) AS records
    FROM ${made} GROUP BY ${sql.raw(key.map((_, index) => index + 1).join(", "))}`;
}

function takeFrom(table: string, key: readonly string[], made: SQL): SQL {
  const less = (column: string) =>
    sql.raw(`${column} = max(0, ${table}.${column} - taken.${column})`);
  const same = key.map((column) => `${table}.${column} = taken.${column}`).join(" AND ");
  return sql`
    UPDATE ${sql.raw(table)} SET ${less("upload")}, ${less("download")}, ${less("records")}
    FROM (${counted(key, made)}) AS taken WHERE ${sql.raw(same)}`;
}

/** Removes the totals that count no record any more. */
function dropEmpty(table: string, key: readonly string[], made: SQL): SQL {
  const columns = sql.raw(key.join(", "));
  return sql`
    DELETE FROM ${sql.raw(table)} WHERE records = 0
      AND (${columns}) IN (SELECT ${columns} FROM (${counted(key, made)}))`;
}

/** Adds up `month_bytes` again in the months that the records were and are in. */
function sumMonths(made: SQL): SQL {
  const months = (of: string) =>
    sql`SELECT made.account_id AS account, made.sim_id AS sim, value ->> ${`$.${of}.month.begin`} AS month,
      value ->> ${`$.${of}.month.end`} AS month_end FROM ${made}`;
  const bytes = shown(
    sql`total(upload + download) OVER (PARTITION BY account_id, sim_id, month ORDER BY day, country_code)`,
  );
  return sql`
    UPDATE usage_days SET month_bytes = exact.bytes
    FROM (
      SELECT account_id, sim_id, day, country_code, ${bytes} AS bytes
      FROM (${months("before")} UNION ${months("after")}) CROSS JOIN usage_days
        ON account_id = account AND sim_id = sim AND day >= month AND day < month_end
    ) AS exact
    WHERE usage_days.account_id = exact.account_id AND usage_days.sim_id = exact.sim_id
      AND usage_days.day = exact.day AND usage_days.country_code = exact.country_code
      AND usage_days.month_bytes <> exact.bytes`;
}
