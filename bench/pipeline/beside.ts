import type { ServerResponse } from "node:http";
import type { Miniflare } from "miniflare";
import * as z from "zod";
import { fill } from "../feed/fill";
import { accept, startReceiver } from "../receiver";
import { benchWorker, startRuntime } from "../runtime";
import type { Row } from "../table";
import { givenAccounts } from "./accounts";
import { ask } from "./client";
import { percentile, type Receipts, startReceipts } from "./receipts";
import { startPipeline } from "./side-by-side";

const REPLAYED = 100_000;
const ENDPOINTS = 50;
/** Every so many endpoints one does the others harm. */
const ONE_IN = 5;
const TRAFFIC_MS = 45_000;
/** A hanging endpoint is given up after 15 s: what waits behind it comes within a few of those. */
const DRAIN_MS = 60_000;
const SLOW_MS = 14_000;

/** What one in five endpoints does, and how much longer the others' events may take for it (p99). */
interface Harm {
  name: string;
  /** Left out: it accepts each event at once. */
  reply?: (response: ServerResponse) => void;
  /** The others answer, and are kept in the slow lane all the same. */
  inSlowLane?: boolean;
  /** Its account replays {@link REPLAYED} events to it meanwhile. */
  replays?: boolean;
  most: number;
}

const hang = () => {};

/** Endpoints that accept the connection and never answer. */
export function hanging(): Promise<Row[]> {
  return beside({ name: "hanging", reply: hang, most: 1.5 });
}

/** Endpoints that answer 200, after 14 s. */
export function slowlyAccepting(): Promise<Row[]> {
  const reply = (response: ServerResponse) =>
    void setTimeout(() => response.writeHead(200).end(), SLOW_MS);
  return beside({ name: "answering 200 after 14 s", reply, most: 2 });
}

/** Endpoints that hang, for those that are in the slow lane beside them. */
export function hangingInSlowLane(): Promise<Row[]> {
  return beside({ name: "hanging in the slow lane", reply: hang, inSlowLane: true, most: 2 });
}

/** Endpoints that are sent a replay beside their fresh events. */
export function replaying(): Promise<Row[]> {
  return beside({ name: `replaying ${REPLAYED} events`, replays: true, most: 2 });
}

/**
 * From the operator's call to the receiver, for endpoints that answer: with one in five that does not, and without.
 * Both at the same time, on databases and queues of their own.
 */
async function beside(harm: Harm): Promise<Row[]> {
  const receipts = { none: startReceipts(), harmed: startReceipts() };
  let toHarmful = 0;
  const receiver = await startReceiver((request, response) => {
    const [, world, endpoint] = request.url?.split("/") ?? [];
    if (world === "harmed" && isHarmful(Number(endpoint))) toHarmful += 1;
    if (harm.reply && world === "harmed" && isHarmful(Number(endpoint)))
      return harm.reply(response);
    receipts[world === "harmed" ? "harmed" : "none"].received(
      String(request.headers["webhook-id"]),
    );
    accept(request, response);
  });
  const names = ["none", "harmed"] as const;
  const { miniflare, originOf } = await startRuntime(
    await Promise.all(names.map((name) => benchWorker(name, "bench/pipeline/worker.ts"))),
  );
  const keeping: NodeJS.Timeout[] = [];
  try {
    const worlds = await Promise.all(
      names.map(async (name) => {
        await givenAccounts(miniflare, name, ENDPOINTS, 1);
        const origin = await originOf(name);
        const replays: Replay[] = [];
        for (let n = 1; n <= ENDPOINTS; n += 1) {
          const url = `${receiver.origin}/${name}/${n}`;
          const accountId = `account-${n}`;
          const made = await ask(origin, {
            call: "make webhook",
            accountId,
            url,
            retry: "standard",
          });
          const { id } = z.object({ id: z.string() }).parse(made.answer);
          const isReplayed = harm.replays && name === "harmed" && isHarmful(n);
          if (isReplayed) replays.push({ accountId, webhookId: id });
        }
        if (harm.inSlowLane) keeping.push(await keepInSlowLane(miniflare, name));
        if (harm.replays) await giveFeed(miniflare, name, replays);
        return { origin, its: receipts[name], replays };
      }),
    );
    await Promise.all(worlds.map(({ origin, its, replays }) => drive(origin, its, replays)));
    return rowsOf(harm, receipts.none.latencies(), receipts.harmed.latencies(), toHarmful);
  } finally {
    for (const timer of keeping) clearInterval(timer);
    await miniflare.dispose();
    receiver.stop();
  }
}

/** Puts every webhook in the slow lane, and back there each second: five quick answers would take it out. */
async function keepInSlowLane(miniflare: Miniflare, name: string): Promise<NodeJS.Timeout> {
  const db = await miniflare.getD1Database("DB", name);
  const slow = db.prepare("UPDATE webhooks SET lane = 'slow', recent = '0'");
  await slow.run();
  return setInterval(() => void slow.run().catch(() => {}), 1_000);
}

interface Replay {
  accountId: string;
  webhookId: string;
}

/** Gives the accounts a feed of {@link REPLAYED} events each. */
async function giveFeed(miniflare: Miniflare, name: string, replays: Replay[]): Promise<void> {
  const [first, ...others] = replays;
  if (!first) return;
  await fill(miniflare, name, { account: first.accountId }, { entries: REPLAYED, aRow: 1000 });
  const d1 = await miniflare.getD1Database("DB", name);
  const copy = d1.prepare(
    "INSERT INTO event_feed SELECT ?, seq, events FROM event_feed WHERE account_id = ?",
  );
  for (const { accountId } of others) await copy.bind(accountId, first.accountId).run();
}

function isHarmful(endpoint: number): boolean {
  return endpoint % ONE_IN === 0;
}

/** Reports events for a while, and waits until every endpoint that answers has its own. */
async function drive(origin: URL, receipts: Receipts, replays: Replay[]): Promise<void> {
  const pipeline = startPipeline(origin, ENDPOINTS, (id, endpoint) => {
    if (!isHarmful(endpoint)) receipts.called(id);
  });
  try {
    const until = Date.now();
    for (const { accountId, webhookId } of replays) {
      const events = await pipeline.replay(accountId, webhookId, until);
      if (events !== REPLAYED) throw new Error(`a replay of ${events} events`);
    }
    await Promise.race([
      pipeline.reportFor(TRAFFIC_MS).then(() => receipts.all(DRAIN_MS)),
      pipeline.failed,
    ]);
  } finally {
    pipeline.stop();
  }
}

function rowsOf(
  { name, most, inSlowLane }: Harm,
  none: number[],
  harmed: number[],
  toHarmful: number,
): Row[] {
  const ratio = percentile(harmed, 99) / percentile(none, 99);
  const said = (values: number[]) =>
    [50, 90, 99, 100].map((p) => `p${p} ${(percentile(values, p) / 1000).toFixed(2)} s`).join(", ");
  const which = `call to receiver, endpoints that answer${inSlowLane ? ", in the slow lane" : ""}`;
  return [
    {
      name: `${which}: p99 with 1 in ${ONE_IN} ${name} / none`,
      measured: `${ratio.toFixed(2)} (of ${harmed.length} and ${none.length} events)`,
      limit: `at most ${most}`,
      pass: ratio <= most,
    },
    {
      name: `${which}: 1 in ${ONE_IN} ${name}`,
      measured: `${said(harmed)}; those got ${toHarmful} calls`,
    },
    { name: `${which}: none ${name}`, measured: said(none) },
  ];
}
