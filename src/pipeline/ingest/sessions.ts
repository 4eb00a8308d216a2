import { type SQL, sql } from "drizzle-orm";
import type { Event } from "../../events/schemas";
import { DAY_MS } from "../../platform/time";

/** What a batch's events say of the data sessions of one SIM. A SIM may have several at a time, each a bearer of its own. */
export interface Sessions {
  /** By session id: when it was last told of (ms); null: it ended. */
  told: Map<string, number | null>;
  /** Of the newest of these events, ms. */
  time: number;
  /** Whether the newest end is that of one session, so that another may go on. */
  endsOne: boolean;
  /** Whether the sessions from before the batch ended with all others. */
  reset: boolean;
}

export function noSessions(): Sessions {
  return { told: new Map(), time: 0, endsOne: false, reset: false };
}

/** Notes what an event says; events come in the order of their times. */
export function noteSession(sessions: Sessions, event: Event): void {
  const endsAll =
    event.type === "network-deregistration" ||
    (event.type === "usage" && event.operation === "finalize" && event.session_id === undefined);
  if (endsAll) {
    sessions.told.clear();
    Object.assign(sessions, { time: event.time, endsOne: false, reset: true });
  } else if (event.type === "usage" && event.session_id !== undefined) {
    const ends = event.operation === "finalize";
    sessions.told.set(event.session_id, ends ? null : event.time);
    sessions.time = event.time;
    sessions.endsOne = ends;
  }
}

export function isAnyOpen({ told }: Sessions): boolean {
  return [...told.values()].some((time) => time !== null);
}

/** As JSON: all that is told, and the ends alone. */
export function asPatches({ told }: Sessions): { all: object; ends: object } {
  const ends = [...told].filter(([, time]) => time === null);
  return { all: Object.fromEntries(told), ends: Object.fromEntries(ends) };
}

/** A session that nothing was told of for so long has ended: ends get lost. */
const LOST_AFTER_MS = DAY_MS;
/** A session that goes on is noted so often: each note is a written row. */
const NOTED_EVERY_MS = DAY_MS / 2;
/** More bearers than a device can have. */
const MOST_SESSIONS = 16;

/** Whether a session of the SIM goes on that the batch does not tell of. */
export const OTHERS_GO_ON = sql`(NOT told.reset AND EXISTS (
  SELECT 1 FROM json_each(sims.sessions) AS open
  WHERE open.value > told.time - ${sql.raw(String(LOST_AFTER_MS))}
    AND open.key NOT IN (SELECT key FROM json_each(told.sessions))))`;

/** Whether the batch ends a session that is known. */
export const ENDS_KNOWN = sql`EXISTS (
  SELECT 1 FROM json_each(told.sessions) AS ended CROSS JOIN json_each(sims.sessions) AS open ON open.key = ended.key
  WHERE ended.type = 'null')`;

/**
 * Keeps the open sessions of the SIMs in `told` (sim_id, time, sessions, ends, reset). An end counts whenever it comes;
 * a session is added only by what is `newest`, since a record that comes after its session's end must not open it again.
 */
export function keepSessions(told: SQL, since: SQL, newest: SQL): SQL {
  const isNews = sql`EXISTS (
    SELECT 1 FROM json_each(told.sessions) AS heard LEFT JOIN json_each(sims.sessions) AS open ON open.key = heard.key
    WHERE heard.type <> 'null' AND heard.value >= coalesce(open.value, 0) + ${NOTED_EVERY_MS})`;
  const resets = sql`told.reset AND sims.sessions <> '{}'`;
  const merged = sql`json_patch(
    CASE WHEN told.reset AND ${newest} THEN '{}' ELSE sims.sessions END,
    CASE WHEN ${newest} THEN told.sessions ELSE told.ends END)`;
  return sql`
    UPDATE sims SET sessions = (
      SELECT json_group_object(key, value) FROM (
        SELECT key, value FROM json_each(${merged})
        WHERE value > told.time - ${LOST_AFTER_MS} ORDER BY value DESC LIMIT ${MOST_SESSIONS}))
    FROM ${told} AS told
    WHERE sims.id = told.sim_id AND told.time >= ${since} AND (${ENDS_KNOWN} OR (${isNews} OR ${resets}) AND ${newest})`;
}
