import type { Row } from "../table";
import { operations, rowsWritten, type Step, type Steps } from "./counted";

/** USD for a million of each, by Cloudflare's list, without what the monthly fee includes. */
const LIST = { request: 0.3, cpuMs: 0.02, rowRead: 0.001, rowWritten: 1, operation: 0.4 };

interface Line {
  what: string;
  perEvent: number;
  usd: number;
}

/** What a million usage events cost, one webhook each, and what that is made of. */
export function priceRows(
  workload: string,
  steps: Steps & { month: Step },
  most: number | undefined,
): Row[] {
  const lines = [...linesOf(steps)];
  const total = lines.reduce((before, { usd }) => before + usd, 0);
  const name = `price per million usage events, one webhook each (${workload})`;
  return [
    {
      name,
      measured: `USD ${total.toFixed(2)}`,
      ...(most !== undefined && { limit: `at most USD ${most.toFixed(2)}`, pass: total <= most }),
    },
    ...lines.map(({ what, perEvent: each, usd }) => ({
      name: `... ${what}`,
      measured: `USD ${usd.toFixed(4)} (${each.toPrecision(3)} an event)`,
    })),
  ];
}

function* linesOf({
  report,
  store,
  deliver,
  remove,
  month,
}: Steps & { month: Step }): Generator<Line> {
  const written = (step: Step, ...tables: string[]) => rowsWritten(step, tables) / step.events;
  const line = (what: string, each: number, price: number): Line => {
    return { what, perEvent: each, usd: each * price };
  };
  const all = [report, store, deliver];
  yield line("D1 rows written: record and index", written(store, "usage_records"), LIST.rowWritten);
  const totals = written(store, "usage_days", "account_days", "account_hours");
  yield line("D1 rows written: totals by day and hour", totals, LIST.rowWritten);
  // In a month's course: its first days write more, and what the other steps count is the middle of one.
  const live = written(month, "sims");
  yield line("D1 rows written: SIMs' live state, a month's mean", live, LIST.rowWritten);
  yield line("D1 rows written: feed", written(store, "event_feed"), LIST.rowWritten);
  yield line("D1 rows written: delivery log", written(deliver, "delivery_log"), LIST.rowWritten);
  const old = written(remove, "usage_records", "event_feed", "delivery_log");
  yield line("D1 rows written: removed when old", old, LIST.rowWritten);
  const read = sum([...all, remove].map((step) => perEvent(step, rowsRead)));
  yield line("D1 rows read", read, LIST.rowRead);
  yield line("queue operations in", operations(report.answers) / report.events, LIST.operation);
  yield line("queue operations out", operations(store.answers) / store.events, LIST.operation);
  const requests = sum(all.map((step) => step.answers.length / step.events));
  yield line("Workers requests", requests, LIST.request);
  // The time of the whole call, D1 and the receiver included: CPU is less.
  const ms = sum(all.map((step) => perEvent(step, (answer) => answer.ms)));
  yield line("Workers CPU ms, at most", ms, LIST.cpuMs);
}

function perEvent({ answers, events }: Step, count: (answer: Step["answers"][number]) => number) {
  return sum(answers.map(count)) / events;
}

function rowsRead({ statements }: Step["answers"][number]): number {
  return sum(statements.map(({ read }) => read));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
