import { simId } from "../fleet";

export const MONTH_BEGIN = Date.UTC(2026, 2, 1);
export const DAY_BEGIN = Date.UTC(2026, 2, 10);
const QUARTER_MS = 900_000;
export const QUARTERS_A_DAY = 96;
/** Of an event of {@link usageEvents}, of the first few thousand. */
export const MEAN_BYTES = 105_000;

/** What a run of {@link usageEvents} is to be like. */
export interface Traffic {
  sims: number;
  withIds?: boolean;
  /** When the first quarter-hour begins. */
  begin?: number;
}

/**
 * `count` usage events behind the first `from` of a stream in which all SIMs report a quarter-hour each, then all of
 * them the next: the order in which a network reports. As `POST /operator/events` puts them on the queue.
 */
export function usageEvents(
  from: number,
  count: number,
  { sims, withIds = false, begin = DAY_BEGIN }: Traffic,
) {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    const sim = 1 + (n % sims);
    const time = begin + Math.floor(n / sims) * QUARTER_MS + (sim % 60) * 1000;
    return {
      type: "usage",
      ...(withIds && { id: `event-${n}` }),
      time: new Date(time).toISOString(),
      bill_id: `1234567890-${1000 + sim}`,
      sim_id: simId(sim),
      country_code: "dk",
      operation: "update",
      upload: 1000 + n,
      download: 100_000 + n,
    };
  });
}

/** Messages of 100 events. */
export function messagesOf(events: unknown[]): { events: unknown[] }[] {
  return Array.from({ length: Math.ceil(events.length / 100) }, (_, index) => {
    return { events: events.slice(index * 100, (index + 1) * 100) };
  });
}
