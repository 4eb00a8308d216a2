import type { Miniflare } from "miniflare";

/** A fleet of one account: its SIMs, and which of them have a record each quarter-hour. */
export interface Fleet {
  sims: number;
  /** One in so many SIMs is busy. */
  busyOneIn: number;
}

const MONTH_BEGIN = Date.UTC(2026, 2, 1);
/** Records of a busy SIM in the month, and of any other on its first day. */
const BUSY_RECORDS = 2000;
const QUIET_RECORDS = 3;
const QUARTER_MINUTES = 15;
const STEP = 50_000;

/** Fills the database that a Worker has as `DB`: 1,000,000 SIMs take about two minutes. */
export async function fill(
  miniflare: Miniflare,
  worker: string,
  accountId: string,
  { sims, busyOneIn }: Fleet,
): Promise<void> {
  const d1 = await miniflare.getD1Database("DB", worker);
  const run = (sql: string, ...values: unknown[]) =>
    d1
      .prepare(sql)
      .bind(...values)
      .run();
  for (let n = 0; n < 20; n += 1)
    await run(
      "INSERT INTO tags VALUES (?1, ?2, 'tag ' || CAST(?3 AS INTEGER), NULL, 0)",
      `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
      accountId,
      n,
    );
  const month = MONTH_BEGIN / 60_000;
  for (let from = 0; from < sims; from += STEP) {
    const numbers = `WITH RECURSIVE numbers (n) AS (SELECT CAST(?1 AS INTEGER) + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < CAST(?2 AS INTEGER))`;
    const range = [from, Math.min(from + STEP, sims)];
    // Alike in nothing: each attribute goes round at a length of its own.
    await run(
      `${numbers} INSERT INTO sims (id, account_id, alias, active, connector_id, created_at, iccid, imsi, msisdn,
         network_list, tags, online, online_at, last_came_online_at, imei, country_code, usage_month, usage_sorted)
       SELECT printf('%09d', n), ?3, CASE WHEN n % 2 THEN 'device ' || n END, n % 10 > 0,
         CASE WHEN n % 3 = 0 THEN 'connector-' || (n % 20) END, 0, '8945730000' || printf('%09d', n) || (n % 10),
         '23450' || printf('%010d', n * 7), '47' || printf('%09d', n * 3),
         CASE WHEN n % 7 = 0 THEN 'list-' || (n % 10) END, '[]', n % 4 = 0, n, n * 1000, printf('35%013d', n / 2),
         char(97 + n % 26) || char(97 + n % 5), 202603, n * 37 % 1000003
       FROM numbers`,
      ...range,
      accountId,
    );
    await run(
      `UPDATE sims SET tags = '["00000000-0000-4000-8000-' || printf('%012d', CAST(id AS INTEGER) / 50 % 20) || '"]'
       WHERE id > printf('%09d', CAST(?1 AS INTEGER)) AND id <= printf('%09d', CAST(?2 AS INTEGER)) AND CAST(id AS INTEGER) % 50 = 0`,
      ...range,
    );
    await run(
      `${numbers} INSERT INTO usage_records (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, run)
       SELECT ?3, minute, printf('%09d', n), minute * 60000, 'bill', 'update', '', 'dk', 1, 2, 1
       FROM numbers CROSS JOIN (
         WITH RECURSIVE quarters (q) AS (SELECT 0 UNION ALL SELECT q + 1 FROM quarters WHERE q + 1 < ${BUSY_RECORDS})
         SELECT q, CAST(?4 AS INTEGER) + q * ${QUARTER_MINUTES} AS minute FROM quarters)
       WHERE q < ${QUIET_RECORDS} OR n % CAST(?5 AS INTEGER) = 0`,
      ...range,
      accountId,
      month,
      busyOneIn,
    );
  }
  await d1.batch(
    [
      `INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes, month_bytes, last_time)
       SELECT account_id, sim_id, minute / 1440 AS day, country_code, sum(upload), sum(download), count(*), json_group_array(DISTINCT minute % 1440 ORDER BY minute % 1440),
         sum(sum(upload + download)) OVER (PARTITION BY sim_id ORDER BY minute / 1440), max(time)
       FROM usage_records GROUP BY 1, 2, 3, 4`,
      `INSERT INTO account_days
       SELECT account_id, day, country_code, sum(upload), sum(download), sum(records) FROM usage_days GROUP BY 1, 2, 3`,
      `INSERT INTO account_hours
       SELECT account_id, minute / 60, country_code, '', sum(upload), sum(download), count(*) FROM usage_records GROUP BY 1, 2, 3`,
      `INSERT INTO event_feed VALUES ('${accountId}', 1, '[]')`,
    ].map((sql) => d1.prepare(sql)),
  );
}
