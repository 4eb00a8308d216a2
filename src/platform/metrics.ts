import type { Spent } from "./spent";
import { logFailure } from "./log";

/** Where counters go: Workers Analytics Engine, where it is bound. */
type Dataset = AnalyticsEngineDataset | undefined;

/**
 * Every point has the same columns, which docs/operations.md lists: what is counted is `blob1`, and the index (by which
 * the platform samples) whose it is.
 */
function count(
  dataset: AnalyticsEngineDataset,
  index: string,
  blobs: (string | null)[],
  doubles: number[],
): void {
  try {
    dataset.writeDataPoint({ indexes: [index], blobs, doubles });
  } catch (error) {
    logFailure("counters not written", error);
  }
}

/** A request that was answered. */
export interface CountedRequest {
  route: string | null;
  method: string;
  status: number;
  error: string | undefined;
  ms: number;
  account_id: string | undefined;
  d1_calls: number;
  rows_read: number;
  rows_written: number;
}

export function countRequest(dataset: Dataset, request: CountedRequest): void {
  if (!dataset) return;
  const { route, method, status, error, ms, account_id, d1_calls, rows_read, rows_written } =
    request;
  const blobs = ["request", route, method, `${Math.floor(status / 100)}xx`, error ?? null];
  count(dataset, account_id ?? "", blobs, [ms, d1_calls, rows_read, rows_written]);
}

/** A batch of a queue, or a run of the cron (which has no messages). */
export function countBatch(
  dataset: Dataset,
  queue: string,
  ms: number,
  { roundTrips, rowsRead, rowsWritten }: Spent,
  { acked, retried } = { acked: 0, retried: 0 },
): void {
  if (!dataset) return;
  const doubles = [ms, roundTrips, rowsRead, rowsWritten, acked, retried];
  count(dataset, queue, ["batch", queue], doubles);
}

/** What a run of the consumer logged of its deliveries to one webhook. */
interface CountedRun {
  endpoint: { id: string; accountId: string };
  log: readonly { status: "accepted" | "retrying" | "failed"; duration_ms: number }[];
}

export function countDeliveries(dataset: Dataset, { endpoint, log }: CountedRun): void {
  if (!dataset || log.length === 0) return;
  const ended = { accepted: 0, retrying: 0, failed: 0 };
  let ms = 0;
  for (const { status, duration_ms } of log) {
    ended[status] += 1;
    ms += duration_ms;
  }
  const blobs = ["deliveries", endpoint.id];
  const { accepted, retrying, failed } = ended;
  count(dataset, endpoint.accountId, blobs, [ms, accepted, retrying, failed]);
}
