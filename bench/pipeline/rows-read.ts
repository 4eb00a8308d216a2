import * as z from "zod";
import type { Miniflare } from "miniflare";
import { migrate, simId } from "../fleet";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { ask } from "./client";
import { DAY_BEGIN } from "./usage-events";

const DAYS = 10;
const QUARTERS = 96;
const TABLES = [
  { name: "twenty-thousand", sims: 21 },
  { name: "two-million", sims: 2_100 },
];

/** Rows that D1 reads for one SIM's day, in tables a hundred times apart in size. */
export async function rowsRead(): Promise<Row[]> {
  const workers = TABLES.map(({ name }) => benchWorker(name, "bench/pipeline/worker.ts"));
  const { miniflare, originOf } = await startRuntime(await Promise.all(workers));
  try {
    const read: { records: number; rows: number }[] = [];
    for (const { name, sims } of TABLES) {
      const records = await fillUsage(miniflare, name, sims);
      read.push({ records, rows: await readDay(await originOf(name)) });
    }
    const said = read.map(
      ({ records, rows }) => `${rows} in ${records.toLocaleString("en")} records`,
    );
    return [
      {
        name: "D1 rows read for one SIM's day (96 records)",
        measured: said.join(", "),
        limit: "equal",
        pass: new Set(read.map(({ rows }) => rows)).size === 1,
      },
    ];
  } finally {
    await miniflare.dispose();
  }
}

/** A record each quarter-hour of ten days for every SIM of an account, as the consumer would have stored them. */
async function fillUsage(miniflare: Miniflare, worker: string, sims: number): Promise<number> {
  await migrate(miniflare, worker);
  const d1 = await miniflare.getD1Database("DB", worker);
  const numbers = `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < CAST(?1 AS INTEGER))`;
  await d1
    .prepare(
      `${numbers} INSERT INTO sims (id, account_id, alias, active, connector_id, created_at)
       SELECT printf('%09d', n + 1), 'account-1', NULL, 1, NULL, 0 FROM numbers`,
    )
    .bind(sims)
    .run();
  for (let day = 0; day < DAYS; day += 1)
    await d1
      .prepare(
        `${numbers} INSERT INTO usage_records (account_id, minute, sim_id, time, bill_id, operation, id, country_code, upload, download, run)
         SELECT 'account-1', minute, sim_id, minute * 60000, 'bill', 'update', '', 'dk', 1, 2, 1
         FROM (SELECT CAST(?2 AS INTEGER) + n * 15 AS minute FROM numbers) CROSS JOIN (SELECT id AS sim_id FROM sims ORDER BY id)`,
      )
      .bind(QUARTERS, DAY_BEGIN / 60_000 + day * 1440)
      .run();
  await d1.batch(
    [
      `INSERT INTO usage_days (account_id, sim_id, day, country_code, upload, download, records, minutes, month_bytes, last_time)
       SELECT account_id, sim_id, minute / 1440, country_code, sum(upload), sum(download), count(*), json_group_array(minute % 1440),
         sum(sum(upload + download)) OVER (PARTITION BY sim_id ORDER BY minute / 1440), max(time)
       FROM usage_records GROUP BY 1, 2, 3, 4`,
      `INSERT INTO account_days (account_id, day, country_code, upload, download, records)
       SELECT account_id, day, country_code, sum(upload), sum(download), sum(records) FROM usage_days GROUP BY 1, 2, 3`,
      `INSERT INTO account_hours (account_id, hour, country_code, network, upload, download, records)
       SELECT account_id, minute / 60, country_code, '', sum(upload), sum(download), count(*) FROM usage_records GROUP BY 1, 2, 3`,
    ].map((sql) => d1.prepare(sql)),
  );
  return sims * DAYS * QUARTERS;
}

const Usage = z.object({ usage: z.array(z.unknown()), upload: z.string(), download: z.string() });

/** Asks as `GET /usage` does for the fifth day of a SIM in the middle. */
async function readDay(origin: URL): Promise<number> {
  const begin = DAY_BEGIN + 5 * 86_400_000;
  const time_begin = new Date(begin).toISOString();
  const time_end = new Date(begin + 86_400_000).toISOString();
  const query = { sim_id: simId(11), time_begin, time_end };
  const { answer, statements } = await ask(origin, {
    call: "usage",
    accountId: "account-1",
    query,
  });
  const { usage, upload, download } = Usage.parse(answer);
  if (usage.length !== QUARTERS || upload !== "96" || download !== "192")
    throw new Error(`wrong usage: ${usage.length} records, ${upload}, ${download}`);
  return statements.reduce((sum, { read }) => sum + read, 0);
}
