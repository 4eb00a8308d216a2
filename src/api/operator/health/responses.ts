import * as z from "zod";
import { IsoTime } from "../../../http/responses";

const ok = z.boolean().describe("Whether it did what it was asked within three seconds.");
const ms = z.int().nullable().describe("How long that took; null where it failed.");
const oldestAt = IsoTime.nullable().describe(
  "Since when the oldest waits; null where none does, or it is not told.",
);

const QueueHealth = z.object({
  ok,
  backlog: z.int().nullable().describe("Messages that wait; null where the platform tells none."),
  bytes: z.int().nullable(),
  oldest_at: oldestAt,
});
export type QueueHealth = z.output<typeof QueueHealth>;

export const Health = z
  .object({
    ok: z.boolean().describe("Whether all parts are."),
    database: z.object({
      ok,
      ms,
      bytes: z.int().nullable().describe("Its size, of the 10 GB that D1 has."),
    }),
    key_cache: z.object({ ok, ms }),
    queues: z.object({
      events: QueueHealth,
      deliveries: QueueHealth,
      deliveries_slow: QueueHealth,
      replays: QueueHealth,
      events_dead: QueueHealth,
      deliveries_dead: QueueHealth,
    }),
    unmatched: z.object({
      ok,
      waiting: z.int().nullable().describe("Events kept aside, counted to 10,000."),
      dead_lettered: z.int().nullable().describe("Those of them that every try failed for."),
      oldest_at: oldestAt,
      bytes: z.int().nullable().describe("Their size, of the 1 GB that they may have."),
      dropped: z.int().nullable().describe("Events that had no room there, since ever."),
      expired: z
        .int()
        .nullable()
        .describe("Events that were removed since they were old, since ever."),
    }),
  })
  .meta({ id: "Health", description: "How the deployment's parts do." });
export type Health = z.output<typeof Health>;
