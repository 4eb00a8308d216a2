import * as z from "zod";
import { shownAs } from "./shown-as";

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

/** Date, time, fraction and zone, as {@link toIso} reads them. */
const MOMENT =
  /^(\d{4}-\d\d-\d\d)([Tt ])(\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?(?: ?([Zz]|[+-]\d\d(?::?\d\d)?)| (\d\d:?\d\d))?$/;

/**
 * The forms that Java, Go, PHP, Python, Ruby and databases write, as RFC 3339; any other text stays as it is.
 * The blank form without a zone is UTC. A blank before `hh:mm` at the end is a `+`: a query string decodes it so.
 */
function toIso(text: string): string {
  const match = MOMENT.exec(text);
  if (!match) return text;
  const [, date = "", separator, minutes = "", seconds, fraction, zone, positive] = match;
  if (fraction !== undefined && seconds === undefined) return text;
  const offset = positive === undefined ? (zone ?? (separator === " " ? "Z" : "")) : `+${positive}`;
  const [, sign = "", hours = "", rest = "00"] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? [];
  const iso = `${date}T${minutes}${seconds ?? ":00"}${fraction === undefined ? "" : `.${fraction}`}`;
  return iso + (sign === "" ? offset.toUpperCase() : `${sign}${hours}:${rest}`);
}

const CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?";
const ZONE = " ?([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)";

/** The same forms, as the API's document shows them; it cannot say how many days a month has. */
const SHOWN = new RegExp(
  `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])( ${CLOCK}|[Tt ]${CLOCK}${ZONE})$`,
);

/** The years that four digits write: outside of them `toISOString` writes what {@link Time} does not read. */
const YEARS = { from: Date.parse("0000-01-01T00:00:00Z"), until: Date.UTC(10_000, 0) };

/**
 * `YYYY-MM-DD HH:MM:SS` (UTC) or ISO 8601 with a zone, in; milliseconds since 1970 UTC, out. Seconds may be missing,
 * and what is finer than a millisecond is dropped. An impossible date is refused, and one that its zone moves out of
 * the years 0 to 9999.
 */
export const Time = shownAs(
  z.string().regex(SHOWN),
  z
    .string("a time")
    .transform(toIso)
    .pipe(z.iso.datetime({ offset: true, error: "a time, as 2026-11-01T00:00:00Z" }))
    .transform((iso) => Date.parse(iso))
    .pipe(z.int().min(YEARS.from).lt(YEARS.until)),
);

/** A {@link Time}, or a date (`YYYY-MM-DD`), which is its first moment in UTC: for calls that ask for a period. */
export const TimeOrDate = z.union([z.iso.date().transform((date) => Date.parse(date)), Time]);

/** `YYYY-MM-DD HH:MM:SS`, UTC, as the classic API and its webhooks write times. */
export function classicTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** The first moment of the month (UTC) that `ms` lies in. */
export function startOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The first moment of the month (UTC) after the one that `ms` lies in. */
export function startOfNextMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** The first moment whose usage records are kept: they go by whole days (UTC), so that a day's totals fit what is left of it. */
export function keptUsageSince(days: number, now: number): number {
  return Math.floor((now - days * DAY_MS) / DAY_MS) * DAY_MS;
}

/** Seconds until the next hour (UTC) begins, at least 1: as `Retry-After` says it. */
export function secondsToNextHour(now: number): string {
  return String(Math.ceil((HOUR_MS - (now % HOUR_MS)) / 1000));
}

/** ISO 8601, UTC, in milliseconds: `2026-11-20T10:00:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
