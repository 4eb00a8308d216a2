import * as z from "zod";
import type { Asked } from "./asked";

const Answer = z.object({
  status: z.number(),
  answer: z.unknown(),
  roundTrips: z.number(),
  statements: z.array(z.object({ sql: z.string(), read: z.number(), written: z.number() })),
});

/** What a call answered and cost; `ms` as seen from here. */
export interface Cost {
  answer: unknown;
  ms: number;
  roundTrips: number;
  read: number;
  written: number;
}

const TIMEOUT_MS = 60_000;

/** Has the bench's Worker make a call of the API. */
export function ask(
  { origin, key }: { origin: URL; key: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Cost> {
  return send(origin, { method, path, key, ...(body !== undefined && { body }) });
}

/** Has it do what it is asked; anything but a success ends the benchmark. */
export async function send(origin: URL, asked: Asked): Promise<Cost> {
  const begin = performance.now();
  const response = await fetch(origin, {
    method: "POST",
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  const ms = performance.now() - begin;
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 500)}`);
  const { status, answer, roundTrips, statements } = Answer.parse(JSON.parse(text));
  if (status >= 300)
    throw new Error(`${status} ${JSON.stringify(answer)}: ${JSON.stringify(asked)}`);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const read = sum(statements.map((statement) => statement.read));
  const written = sum(statements.map((statement) => statement.written));
  return { answer, ms, roundTrips, read, written };
}
