import * as z from "zod";
import { makeAccount } from "../account";
import { migrate } from "../fleet";
import { OPERATOR_KEY, ourWorker, startRuntime } from "../runtime";
import type { Row } from "../table";

/** Calls of one key in an hour: 600 a minute. */
const CALLS_AN_HOUR = 36_000;
const MOST_BYTES = 200_000_000;
/** Calls of a kind that no number limits. */
const SOME = 300;
/** More than any limit lets through. */
const MANY = 2000;

/** A kind of call that leaves bytes: its `n`th one. */
interface Kind {
  name: string;
  call: (n: number) => { method: string; path: string; body?: object; headers?: object };
  /** The status that ends it; without one, the calls of an hour are `SOME` of them again and again. */
  until?: number;
}

const WIDE = "\u6f22";
const networks = (n: number) =>
  Array.from({ length: 1000 }, (_, at) => ({
    mcc: String(100 + (at % 900)),
    mnc: String(10 + ((n + at) % 90)),
  }));
const secret = "x".repeat(16_384);

const KINDS: Kind[] = [
  {
    name: "connectors with three secrets, until there are as many as may be",
    until: 409,
    call: (n) => ({
      method: "POST",
      path: "/connectors",
      body: {
        name: `connector-${n}`,
        type: "tls",
        options: { host: "a.example.com", port: 443, ca: secret, cert: secret, key: secret },
      },
    }),
  },
  {
    name: "network lists of 1,000 networks, until the hour's changes are spent or there are as many as may be",
    until: 409,
    call: (n) => ({
      method: "POST",
      path: "/network-whitelists",
      body: { name: `list-${n}`, networks: networks(n) },
    }),
  },
  {
    name: "a network list given 1,000 other networks, until the hour's changes are spent",
    until: 429,
    call: (n) =>
      n === 0
        ? { method: "POST", path: "/network-whitelists", body: { name: "home" } }
        : {
            method: "PATCH",
            path: "/network-whitelists/home",
            body: { networks: networks(n) },
          },
  },
  {
    name: "SIMs with a label of 100 wide characters",
    call: (n) => ({
      method: "POST",
      path: "/sim",
      body: {
        id: String(100_000_000 + n),
        alias: `${WIDE.repeat(90)}${String(n).padStart(10, "0")}`,
      },
    }),
  },
  {
    name: "refused calls with an Idempotency-Key",
    call: (n) => ({
      method: "DELETE",
      path: `/sim?id=${999_999_999 - n}`,
      headers: { "idempotency-key": `${"k".repeat(240)}${n}` },
    }),
  },
];

/** Bytes that one key stores in an hour, by real calls: what has a number or a budget until that ends it, the rest by the call. */
export async function storedBytes(): Promise<Row[]> {
  const { miniflare, originOf } = await startRuntime([await ourWorker("stored")]);
  try {
    await migrate(miniflare, "stored");
    const origin = await originOf("stored");
    const limited: number[] = [];
    const unlimited: number[] = [];
    const rows: Row[] = [];
    for (const kind of KINDS) {
      const { bytes, calls } = await storedBy(origin, kind);
      const anHour = kind.until ? bytes : (bytes / calls) * CALLS_AN_HOUR;
      (kind.until ? limited : unlimited).push(anHour);
      const each = `${Math.round(bytes / calls).toLocaleString("en-US")} bytes a call`;
      rows.push({
        name: `... ${kind.name}`,
        measured: `${inMb(anHour)} (${calls} calls, ${each})`,
      });
    }
    const total = limited.reduce((sum, bytes) => sum + bytes, 0) + Math.max(...unlimited);
    return [
      {
        name: "bytes that one key stores in an hour: all that is limited, and the largest of the rest",
        measured: inMb(total),
        limit: `at most ${inMb(MOST_BYTES)}`,
        pass: total > 0 && total <= MOST_BYTES,
      },
      ...rows,
    ];
  } finally {
    await miniflare.dispose();
  }
}

async function storedBy(
  origin: URL,
  { call, until }: Kind,
): Promise<{ bytes: number; calls: number }> {
  const { key } = await makeAccount(origin);
  const before = await databaseBytes(origin);
  let calls = 0;
  for (; calls < (until ? MANY : SOME); calls += 1) {
    const { method, path, body, headers } = call(calls);
    const answer = await fetch(new URL(path, origin), {
      method,
      headers: { authorization: key, ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    await answer.arrayBuffer();
    if (until && (answer.status === until || answer.status === 429)) break;
    const isWanted = answer.status === 200 || (!until && answer.status === 404);
    if (!isWanted) throw new Error(`${method} ${path}: ${answer.status}`);
  }
  if (until && calls === MANY) throw new Error("no limit was reached");
  return { bytes: (await databaseBytes(origin)) - before, calls };
}

async function databaseBytes(origin: URL): Promise<number> {
  const answer = await fetch(new URL("/operator/health", origin), {
    headers: { authorization: OPERATOR_KEY },
    signal: AbortSignal.timeout(30_000),
  });
  const Health = z.object({ database: z.object({ bytes: z.number() }) });
  return Health.parse(await answer.json()).database.bytes;
}

function inMb(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
