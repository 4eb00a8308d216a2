import { sql } from "drizzle-orm";
import { type Db, statement } from "../../db/client";
import type { Event } from "../../events/schemas";
import { type FeedPosition, selectFeed } from "../feed/select";
import { readEntry } from "../../events/from-row";
import { findEvents } from "../feed/find-events";
import { inEntries, selectTries } from "./log";
import { feedEntries, accessOf, type Replay, whoseLog } from "./replay";

/** The events that the next `size` entries of the feed or of the log hold for a replay, and what is left of it then. */
export async function nextOfReplay(
  db: Db,
  replay: Replay,
  size: number,
): Promise<{ events: Event[]; left: Replay | undefined }> {
  const { events, last } = await (replay.status === undefined
    ? nextOfFeed(db, replay, size)
    : nextOfLog(db, replay, size));
  return { events, left: last && { ...replay, after: [last.seq, last.index + 1] } };
}

interface Scanned {
  seq: number;
  index: number;
}

interface Step {
  events: Event[];
  /** The last entry, where there may be more after it. */
  last: Scanned | undefined;
}

async function nextOfFeed(db: Db, replay: Replay, size: number): Promise<Step> {
  const { account_id, since, until, after } = replay;
  const start: FeedPosition = after[0] < since ? [since, 0] : after;
  const entries = selectFeed({ accountId: account_id, after: start, until });
  const wanted = feedEntries(replay, sql`scanned.event`, sql`scanned.seq`);
  const rows = await statement<Scanned & { event: string | null }>(
    db,
    sql`SELECT seq, "index", CASE WHEN ${wanted} THEN event END AS event FROM (${entries} LIMIT ${size}) AS scanned`,
  );
  return {
    events: rows.flatMap(({ event }) => (event === null ? [] : readEntry(event))),
    last: rows.length === size ? rows.at(-1) : undefined,
  };
}

async function nextOfLog(db: Db, replay: Replay, size: number): Promise<Step> {
  const [seq, read] = replay.after;
  const access = accessOf(replay);
  const tries = sql`
    ${selectTries(whoseLog(replay), replay)}
      AND delivery_log.seq >= ${seq} AND (delivery_log.seq > ${seq} OR entry.key >= ${read})
      AND (delivery_log.seq > ${seq} OR json_array_length(delivery_log.deliveries) > ${read})
    ORDER BY delivery_log.seq`;
  const wanted = inEntries(access, replay, sql`scanned.delivery`, sql`scanned.seq`) ?? sql`1`;
  const rows = await statement<Scanned & Tried & { wanted: number }>(
    db,
    sql`
      SELECT seq, "index", delivery ->> 'event_id' AS id, delivery ->> 'type' AS type, delivery ->> 'sim_id' AS sim_id,
        ${wanted} AS wanted
      FROM (${tries} LIMIT ${size}) AS scanned`,
  );
  const passed = new Map(rows.filter((row) => row.wanted).map((row) => [nameOf(row), row]));
  const names = [...passed.values()].map(({ id, sim_id }) => ({ id, sim_id }));
  const found = await findEvents(db, access, names);
  return {
    events: found.flatMap(({ id, event: { type, sim_id }, event }) =>
      passed.has(nameOf({ id, type, sim_id })) ? event : [],
    ),
    last: rows.length === size ? rows.at(-1) : undefined,
  };
}

/** What an entry of the log tells of its event. */
interface Tried {
  id: string;
  type: string;
  sim_id: string;
}

/** An id may be that of events of several types and SIMs. */
function nameOf({ id, type, sim_id }: Tried): string {
  return `${type} ${sim_id} ${id}`;
}
