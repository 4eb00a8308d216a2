import { startReceiver } from "../receiver";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { type Answer, ask, consume } from "./client";
import { priceRows } from "./price";
import { messagesOf, MONTH_BEGIN, QUARTERS_A_DAY, usageEvents } from "./usage-events";

const BATCH = 1_000;
const BATCHES = 6;
/** Messages in a batch, as wrangler.toml says. */
const MESSAGES = 10;

const WORKLOADS = [
  { name: "one account", accounts: 1, sims: 1_200, withIds: false },
  { name: "one account, ids given", accounts: 1, sims: 1_200, withIds: true },
  { name: "100 accounts in a batch", accounts: 100, sims: 1_200, withIds: false },
];
type Workload = (typeof WORKLOADS)[number];

/** What a workload came to: every call of one step, with how many events went into them. */
export interface Step {
  events: number;
  answers: Answer[];
}
export interface Steps {
  report: Step;
  store: Step;
  /** Every message of a batch of 1,000 events consumed on its own. */
  alone: Step;
  deliver: Step;
  remove: Step;
}

/** SIMs whose live state is watched for a month of a usage event each quarter-hour. */
const WATCHED = { sims: 20, days: 30 };

/** Rows, round trips, queue operations, and what a million events come to. */
export async function counted(): Promise<Row[]> {
  const counts: { name: string; steps: Steps }[] = [];
  for (const workload of WORKLOADS)
    counts.push({ name: workload.name, steps: await run(workload) });
  const month = await runMonth();
  return [
    ...counts.map(({ name, steps: { store } }, index) =>
      limited(
        `D1 rows written per usage event: record, index, totals (${name})`,
        rowsWritten(store, USAGE_TABLES) / store.events,
        index === 0 ? 2.2 : undefined,
      ),
    ),
    ...counts
      .slice(0, 1)
      .flatMap(({ steps }) => [
        limited("D1 round trips per 1,000 events", roundTrips(steps.store), 12),
        limited(
          "D1 round trips per 1,000 events, messages one by one",
          roundTrips(steps.alone),
          12,
        ),
        limited("queue operations per 1,000 events in", operationsIn(steps.report), 33),
      ]),
    ...counts.flatMap(({ name, steps }, index) =>
      priceRows(name, { ...steps, month }, index === 0 ? 3.5 : undefined),
    ),
  ];
}

async function run({ accounts, ...traffic }: Workload): Promise<Steps> {
  const receiver = await startReceiver();
  const { miniflare, originOf } = await startRuntime([
    await benchWorker("counted", "bench/pipeline/worker.ts"),
  ]);
  try {
    await givenAccounts(miniflare, "counted", accounts, traffic.sims / accounts, { history: true });
    const origin = await originOf("counted");
    const url = `${receiver.origin}/{type}`;
    for (let n = 1; n <= accounts; n += 1)
      await ask(origin, { call: "make webhook", accountId: `account-${n}`, url, retry: "none" });

    const report: Step = { events: BATCH * BATCHES, answers: [] };
    const store: Step = { events: BATCH * BATCHES, answers: [] };
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const events = usageEvents(batch * BATCH, BATCH, traffic);
      const reported = await ask(origin, { call: "report", events });
      report.answers.push(reported);
      const messages = reported.sent.map(({ body }) => body);
      store.answers.push(await consume(origin, { call: "store", messages }));
    }

    const alone: Step = { events: BATCH, answers: [] };
    for (const message of messagesOf(usageEvents(BATCH * BATCHES, BATCH, traffic)))
      alone.answers.push(await consume(origin, { call: "store", messages: [message] }));

    const deliver: Step = { events: BATCH, answers: [] };
    const sent = store.answers[0]?.sent.map(({ body }) => body) ?? [];
    for (let start = 0; start < sent.length; start += MESSAGES) {
      const messages = sent.slice(start, start + MESSAGES);
      const asked = { call: "deliver" as const, lane: "fast" as const, timeoutMs: 15_000 };
      deliver.answers.push(await consume(origin, { ...asked, messages }));
    }

    const years = Date.now() + 1_000 * 86_400_000;
    const answers = [await ask(origin, { call: "remove old", now: years })];
    return {
      report,
      store,
      alone,
      deliver,
      remove: { events: store.events + alone.events, answers },
    };
  } finally {
    await miniflare.dispose();
    receiver.stop();
  }
}

/** A month of SIMs that were never seen before, stored a quarter-hour at a time: what their live state costs. */
async function runMonth(): Promise<Step> {
  const { miniflare, originOf } = await startRuntime([
    await benchWorker("month", "bench/pipeline/worker.ts"),
  ]);
  try {
    const { sims, days } = WATCHED;
    await givenAccounts(miniflare, "month", 1, sims);
    const origin = await originOf("month");
    const month: Step = { events: sims * days * QUARTERS_A_DAY, answers: [] };
    for (let from = 0; from < month.events; from += sims) {
      const messages = messagesOf(usageEvents(from, sims, { sims, begin: MONTH_BEGIN }));
      month.answers.push(await consume(origin, { call: "store", messages }));
    }
    return month;
  } finally {
    await miniflare.dispose();
  }
}

function limited(name: string, measured: number, most: number | undefined): Row {
  const row = { name, measured: measured.toFixed(3).replace(/\.?0+$/, "") };
  return most === undefined ? row : { ...row, limit: `at most ${most}`, pass: measured <= most };
}

const USAGE_TABLES = ["usage_records", "usage_days", "account_days", "account_hours"];

export function rowsWritten({ answers }: Step, tables: string[]): number {
  return answers
    .flatMap(({ statements }) => statements)
    .filter(({ sql }) => tables.some((table) => intoOrFrom(sql) === table))
    .reduce((sum, { written }) => sum + written, 0);
}

function intoOrFrom(sql: string): string | undefined {
  // What begins with WITH says behind it which table it writes.
  return /^\s*(?:with\b.*?\bupdate|insert into|delete from|update) "?(\w+)/is.exec(sql)?.[1];
}

function roundTrips({ events, answers }: Step): number {
  return (answers.reduce((sum, answer) => sum + answer.roundTrips, 0) / events) * 1000;
}

function operationsIn({ events, answers }: Step): number {
  return (operations(answers) / events) * 1000;
}

/** Each message is written, read and deleted, an operation for each 64 KB of it. */
export function operations(answers: Answer[]): number {
  return answers
    .flatMap(({ sent }) => sent)
    .reduce((sum, { bytes }) => sum + 3 * Math.ceil(bytes / 64_000), 0);
}
