import * as z from "zod";
import { migrate } from "../fleet";
import { benchWorker, OPERATOR_KEY, startRuntime } from "../runtime";
import type { Row } from "../table";
import type { Asked } from "./asked";
import { fill } from "./fill";

const NAME = "feed";
const SHAPES = [
  { name: "1,000 events a row", eventsARow: 1000 },
  { name: "100 events a row", eventsARow: 100 },
];
const STORED = 120_000;
const REPLAYED = 100_000;
const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 120_000;

const Reply = z.object({
  status: z.number(),
  answer: z.record(z.string(), z.unknown()),
  statements: z.array(z.object({ read: z.number() })),
  sent: z.array(z.unknown()),
});

/** Rows that D1 reads for pages of the feed and of the delivery log with 120,000 entries behind them, and for a replay of 100,000 events. */
export async function feed(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime([
    await benchWorker(NAME, "bench/feed/worker.ts"),
  ]);
  try {
    await migrate(miniflare, NAME);
    const origin = await originOf(NAME);
    const rows: Row[] = [];
    for (const { name, eventsARow } of SHAPES) {
      const world = await givenWebhook(origin);
      const firstSeq = await fill(miniflare, NAME, world, { entries: STORED, aRow: eventsARow });
      for (const limit of [1, 1000]) {
        rows.push(
          await page(
            world,
            `GET /events, ${limit} of 120,000 (${name})`,
            `/events?limit=${limit}`,
            limit,
          ),
        );
        const path = `/webhooks/${world.webhook}/deliveries?limit=${limit}`;
        rows.push(await page(world, `delivery log, ${limit} of 120,000 (${name})`, path, limit));
      }
      const until = new Date(firstSeq + REPLAYED / eventsARow).toISOString();
      rows.push(...(await replay(world, name, until)));
    }
    return rows;
  } finally {
    await miniflare.dispose();
  }
}

interface World {
  origin: URL;
  account: string;
  key: string;
  webhook: string;
}

async function page(world: World, name: string, path: string, limit: number): Promise<Row> {
  const { answer, read } = await send(world.origin, { method: "GET", path, key: world.key });
  const listed = z.array(z.unknown()).parse(answer["events"] ?? answer["deliveries"]);
  const most = 2 * limit + 50;
  return {
    name: `D1 rows read: ${name}`,
    measured: `${read} for ${listed.length}`,
    limit: `at most ${most}`,
    pass: listed.length === limit && read <= most,
  };
}

/** Replays 100,000 events, each step at its time. */
async function replay(world: World, name: string, until: string): Promise<Row[]> {
  const body = { since: "2020-01-01T00:00:00Z", until };
  const path = `/webhooks/${world.webhook}/replay`;
  const started = await send(world.origin, { method: "POST", path, key: world.key, body });
  let read = started.read;
  let [steps, most, delivered] = [0, 0, 0];
  for (let next = started.sent[0]; next !== undefined; steps += 1) {
    const now = Date.now() + steps * HOUR_MS;
    const made = await send(world.origin, { step: next, now });
    read += made.read;
    most = Math.max(most, made.read);
    delivered += z.number().parse(made.answer["delivered"]);
    next = made.sent[0];
  }
  if (delivered !== REPLAYED) throw new Error(`replayed ${delivered} events`);
  const anEvent = read / REPLAYED;
  return [
    {
      name: `D1 rows read: a step of a replay, 500 events (${name})`,
      measured: `at most ${most}, of ${steps} steps`,
      limit: "at most 2000",
      pass: most <= 2000,
    },
    {
      name: `D1 rows read: a replay of 100,000 events, whole (${name})`,
      measured: `${anEvent.toFixed(2)} an event`,
      limit: "at most 4",
      pass: anEvent <= 4,
    },
  ];
}

async function givenWebhook(origin: URL): Promise<World> {
  const make = async (path: string, key: string, body: unknown) =>
    (await send(origin, { method: "POST", path, key, body })).answer;
  const text = (value: unknown) => z.string().parse(value);
  const account = text((await make("/operator/accounts", OPERATOR_KEY, { name: "bench" }))["id"]);
  const path = `/operator/accounts/${account}/keys`;
  const key = text((await make(path, OPERATOR_KEY, { name: "bench" }))["key"]);
  const url = "https://receiver.bench.example.com/";
  return { origin, account, key, webhook: text((await make("/webhooks", key, { url }))["id"]) };
}

/** Anything but a success ends the benchmark. */
async function send(origin: URL, asked: Asked) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(origin, { method: "POST", body: JSON.stringify(asked), signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 500)}`);
  const { status, answer, statements, sent } = Reply.parse(JSON.parse(text));
  if (status >= 300)
    throw new Error(`${status} ${JSON.stringify(answer)}: ${JSON.stringify(asked)}`);
  return { answer, sent, read: statements.reduce((sum, statement) => sum + statement.read, 0) };
}
