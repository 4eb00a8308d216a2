import { type SQL, sql } from "drizzle-orm";
import type { Event } from "../../events/schemas";

/** The time (ms) of the first event of each SIM. */
export function firstTimesOf(events: readonly Event[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { sim_id, time } of events)
    first.set(sim_id, Math.min(time, first.get(sim_id) ?? Infinity));
  return first;
}

/** Later than any event, ms. */
const NEVER = sql.raw(String(Number.MAX_SAFE_INTEGER));

/**
 * From when on (ms, a SQL term) events of a SIM are stored at once. If one of them waits for the comparison with former
 * holders, all of the SIM wait: a correction needs its record, and the newest event tells the presence of the SIM.
 */
export function fromFormerUntil(
  events: readonly Event[],
  firstTimes: ReadonlyMap<string, number>,
): SQL {
  const several = events.flatMap(({ sim_id, time }) => {
    const first = firstTimes.get(sim_id);
    return first === undefined || first === time ? [] : [[sim_id, first] as const];
  });
  return sql`CASE WHEN sims.former_until > 0 AND sims.former_until > ${ofSim(several)} THEN ${NEVER} ELSE sims.former_until END`;
}

/** The same of events that were compared: at any time, as long as the SIM's account is the one that was read. */
export function fromWhereSameAccount(accounts: ReadonlyMap<string, string>): SQL {
  return sql`CASE WHEN sims.account_id = ${ofSim(accounts)} THEN 0 ELSE ${NEVER} END`;
}

/** The value that belongs to the row of `sims`; null: none. */
function ofSim(values: Iterable<readonly [string, unknown]>): SQL {
  return sql`${JSON.stringify(Object.fromEntries(values))} ->> ('$."' || sims.id || '"')`;
}
