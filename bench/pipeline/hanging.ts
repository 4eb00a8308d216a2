import { startReceiver } from "../receiver";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { ask } from "./client";
import { percentile, type Receipts, startReceipts } from "./receipts";
import { startPipeline } from "./side-by-side";

const ENDPOINTS = 50;
/** Every so many endpoints one accepts the connection and never answers. */
const ONE_IN = 5;
const TRAFFIC_MS = 45_000;
/** A hanging endpoint is given up after 15 s: what waits behind it comes within a few of those. */
const DRAIN_MS = 60_000;
const MOST = 1.5;

/**
 * From the operator's call to the receiver, for endpoints that answer: with one in five that hangs, and without.
 * Both at the same time, on databases and queues of their own.
 */
export async function hanging(): Promise<Row[]> {
  const receipts = { none: startReceipts(), hanging: startReceipts() };
  const receiver = await startReceiver((request, response) => {
    const [, world, endpoint] = request.url?.split("/") ?? [];
    if (world === "hanging" && isHanging(Number(endpoint))) return;
    const { [world === "hanging" ? "hanging" : "none"]: its } = receipts;
    its.received(String(request.headers["webhook-id"]));
    response.writeHead(204).end();
  });
  const names = ["none", "hanging"] as const;
  const { miniflare, originOf } = await startRuntime(
    await Promise.all(names.map((name) => benchWorker(name, "bench/pipeline/worker.ts"))),
  );
  try {
    const worlds = await Promise.all(
      names.map(async (name) => {
        await givenAccounts(miniflare, name, ENDPOINTS, 1);
        const origin = await originOf(name);
        for (let n = 1; n <= ENDPOINTS; n += 1) {
          const url = `${receiver.origin}/${name}/${n}`;
          const accountId = `account-${n}`;
          await ask(origin, { call: "make webhook", accountId, url, retry: "standard" });
        }
        return { origin, its: receipts[name] };
      }),
    );
    await Promise.all(worlds.map(({ origin, its }) => drive(origin, its)));
    return rowsOf(receipts.none.latencies(), receipts.hanging.latencies());
  } finally {
    await miniflare.dispose();
    receiver.stop();
  }
}

function isHanging(endpoint: number): boolean {
  return endpoint % ONE_IN === 0;
}

/** Reports events for a while, and waits until every endpoint that answers has its own. */
async function drive(origin: URL, receipts: Receipts): Promise<void> {
  const pipeline = startPipeline(origin, ENDPOINTS, (id, endpoint) => {
    if (!isHanging(endpoint)) receipts.called(id);
  });
  try {
    await Promise.race([
      pipeline.reportFor(TRAFFIC_MS).then(() => receipts.all(DRAIN_MS)),
      pipeline.failed,
    ]);
  } finally {
    pipeline.stop();
  }
}

function rowsOf(none: number[], withHanging: number[]): Row[] {
  const p99 = { none: percentile(none, 99), hanging: percentile(withHanging, 99) };
  const ratio = p99.hanging / p99.none;
  const said = (values: number[]) =>
    [50, 90, 99, 100].map((p) => `p${p} ${(percentile(values, p) / 1000).toFixed(2)} s`).join(", ");
  const name = "call to receiver, endpoints that answer";
  return [
    {
      name: `${name}: p99 with 1 in ${ONE_IN} hanging / none hanging`,
      measured: `${ratio.toFixed(2)} (of ${withHanging.length} and ${none.length} events)`,
      limit: `at most ${MOST}`,
      pass: ratio <= MOST,
    },
    { name: `${name}: 1 in ${ONE_IN} hanging`, measured: said(withHanging) },
    { name: `${name}: none hanging`, measured: said(none) },
  ];
}
