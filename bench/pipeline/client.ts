import * as z from "zod";
import type { Asked } from "./asked";

const Answer = z.object({
  answer: z.unknown(),
  sent: z.array(
    z.object({ queue: z.string(), body: z.unknown(), bytes: z.number(), delaySeconds: z.number() }),
  ),
  roundTrips: z.number(),
  statements: z.array(z.object({ sql: z.string(), read: z.number(), written: z.number() })),
});
/** What a call answered, put on queues and asked of D1; `ms` as seen from here. */
export type Answer = z.output<typeof Answer> & { ms: number };

const TIMEOUT_MS = 120_000;

/** Has the bench's Worker do something. */
export async function ask(origin: URL, asked: Asked): Promise<Answer> {
  const begin = performance.now();
  const response = await fetch(origin, {
    method: "POST",
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${asked.call}: ${response.status} ${text.slice(0, 500)}`);
  return { ...Answer.parse(JSON.parse(text)), ms: performance.now() - begin };
}

/** Has a consumer work through messages; it must acknowledge every one. */
export async function consume(
  origin: URL,
  asked: Extract<Asked, { messages: unknown[] }>,
): Promise<Answer> {
  const answer = await ask(origin, asked);
  const acked = z.array(z.number()).parse(answer.answer);
  if (acked.length !== asked.messages.length)
    throw new Error(`${asked.call}: ${acked.length} of ${asked.messages.length} acknowledged`);
  return answer;
}
