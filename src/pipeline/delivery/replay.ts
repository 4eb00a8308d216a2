import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Access } from "../../access/access";
import { eventFeed } from "../../db/tables";
import { EVENT_TYPES } from "../../events/types";
import { isSimVisible, visibleFrom } from "../../access/visibility";
import { TimeOrDate } from "../../platform/time";
import { DeliveryFilter, inEntries, inRows } from "./log";

/** How deliveries ended that are sent again. */
const REPLAYED = ["accepted", "failed"] as const;

/** Which events a webhook is to be sent again. */
export const ReplayInput = z.strictObject({
  ...DeliveryFilter.shape,
  since: TimeOrDate,
  /** What is being retried is sent anyway. */
  status: z.enum(REPLAYED).optional(),
  dry_run: z.boolean().default(false),
});

/** What is to be sent again, as far as it has not been. */
export const Replay = z.object({
  webhook_id: z.string(),
  account_id: z.string(),
  since: z.int(),
  until: z.int(),
  /** Tags of the key that asked, where it is narrowed: only events of SIMs that carry one of them. */
  tags: z.array(z.string()).nullable().default(null),
  /** The events whose delivery to the webhook ended so; left out: all that the account's feed holds. */
  status: z.enum(REPLAYED).optional(),
  type: z.enum(EVENT_TYPES).optional(),
  sim_id: z.string().optional(),
  /** Where the last step ended. */
  after: z.tuple([z.int(), z.int()]),
});
export type Replay = z.output<typeof Replay>;

/** Rows of the feed or of the log that a replay may read, and their bytes: some hundred thousand events. */
export const REPLAY_BOUNDS = { rows: 50_000, bytes: 50_000_000 };

/** Whether a replay keeps within its bounds: 1 or 0. It reads sizes, and no event. */
export function fitsBounds(replay: Replay, { rows: most, bytes }: typeof REPLAY_BOUNDS): SQL {
  const { column, rows } = countedOf(replay);
  return sql`(
    SELECT count(*) <= ${most} AND coalesce(sum(bytes), 0) <= ${bytes}
    FROM (SELECT octet_length(${column}) AS bytes FROM ${rows} LIMIT ${most + 1}))`;
}

/** How many events a replay sends. */
export function countEvents(replay: Replay): SQL {
  const { column, rows, passes, counted } = countedOf(replay);
  return sql`(
    SELECT count(${counted}) FROM (SELECT seq, ${column} AS entries FROM ${rows})
    CROSS JOIN json_each(entries) AS entry WHERE ${passes})`;
}

/** The rows that hold what a replay sends, and how its events are counted in them: those of the log may be there twice. */
function countedOf(replay: Replay) {
  const [entry, seq] = [sql`entry.value`, sql`seq`];
  return replay.status === undefined
    ? {
        column: sql`events`,
        rows: sql`event_feed WHERE ${feedRows(replay)}`,
        passes: feedEntries(replay, entry, seq),
        counted: sql`*`,
      }
    : {
        column: sql`deliveries`,
        rows: sql`delivery_log WHERE ${inRows(whoseLog(replay), replay)}`,
        passes: inEntries(accessOf(replay), replay, entry, seq) ?? sql`1`,
        counted: sql`DISTINCT entry.value ->> 'type' || ' ' || (entry.value ->> 'sim_id') || ' ' || (entry.value ->> 'event_id')`,
      };
}

/** Whose events a replay may send: those of the key that asked. */
export function accessOf({ account_id, tags }: Replay): Access {
  return { accountId: account_id, tags };
}

export function whoseLog({ account_id, webhook_id }: Replay) {
  return { accountId: account_id, webhookId: webhook_id };
}

/** Which rows of the feed a replay reads. */
function feedRows({ account_id, since, until }: Replay): SQL | undefined {
  return and(
    eq(eventFeed.accountId, account_id),
    gte(eventFeed.seq, since),
    lt(eventFeed.seq, until),
  );
}

/** Whether a replay sends an event (JSON) of a row's `seq`: of the type asked for, else of those the webhook wants. */
export function feedEntries(replay: Replay, event: SQL, seq: SQL): SQL {
  const { webhook_id, account_id, type, sim_id } = replay;
  // As text: a subquery in NOT IN would read a row more for each event.
  const unwanted = sql`(
    SELECT replace(exclude_types, '"network-authentication"', '"network-validation"') FROM webhooks
    WHERE webhooks.id = ${webhook_id} AND webhooks.account_id = ${account_id})`;
  // As a webhook with tags is sent them: nothing that a SIM did before it was made again.
  const visible = visibleFrom({ accountId: account_id, tags: [] }, sql`sim_tags.sim_id`);
  const tagged = sql`
    SELECT 1 FROM webhooks CROSS JOIN json_each(tags) AS tag
    WHERE webhooks.id = ${webhook_id} AND webhooks.account_id = ${account_id}`;
  const conditions = [
    isSimVisible(accessOf(replay), sql`${event} ->> 'sim_id'`, seq, sql`${event} ->> 'time'`),
    sql`(NOT EXISTS (${tagged}) OR EXISTS (${tagged} AND EXISTS (
      SELECT 1 FROM sim_tags
      WHERE account_id = ${account_id} AND tag_id = tag.value AND sim_id = ${event} ->> 'sim_id'
        AND ${visible} <= ${event} ->> 'time')))`,
    type === undefined
      ? sql`instr(${unwanted}, ${event} -> 'type') = 0`
      : sql`${event} ->> 'type' = ${type}`,
    sim_id === undefined ? undefined : sql`${event} ->> 'sim_id' = ${sim_id}`,
  ];
  return and(...conditions) ?? sql`1`;
}
