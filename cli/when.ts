import { InvalidArgumentError } from "@commander-js/extra-typings";

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds of `90`, `90s`, `15m`, `6h` or `7d`. */
export function duration(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === undefined)
    throw new InvalidArgumentError("A time span is like 90s, 15m, 6h or 7d.");
  return seconds;
}

/** A moment of the past, as the API takes it: how long ago it was (`15m`), or a time, which the API checks. */
export function ago(text: string, now = Date.now()): string {
  return moment(text, -1, now);
}

/** A moment that lies ahead: in how long (`90d`), or a time. */
export function ahead(text: string, now = Date.now()): string {
  return moment(text, 1, now);
}

function moment(text: string, direction: 1 | -1, now: number): string {
  const seconds = secondsOf(text);
  if (seconds === undefined) return text;
  const time = new Date(now + direction * seconds * 1000);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError("That is too long.");
  return time.toISOString();
}

function secondsOf(text: string): number | undefined {
  const [, digits, unit = "s"] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (SECONDS[unit] ?? 1);
}
