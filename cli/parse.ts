import { InvalidArgumentError } from "@commander-js/extra-typings";

/** A whole number from 0. */
export function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Not a whole number.");
  return Number(text);
}

const MULTIPLES: Record<string, number> = { "": 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** Bytes: a whole number, or one with kB, MB, GB or TB behind it. */
export function bytes(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,15})([kmgt]b)?$/i.exec(text) ?? [];
  const multiple = MULTIPLES[unit.toLowerCase()];
  if (digits === undefined || multiple === undefined)
    throw new InvalidArgumentError("Bytes are like 500000, 500MB or 10GB.");
  return Number(digits) * multiple;
}

export function yesOrNo(text: string): boolean {
  if (!["true", "false"].includes(text)) throw new InvalidArgumentError("true or false.");
  return text === "true";
}

/** What an option says. In an object, since commander takes a bare null for no value. */
export interface Said<T> {
  value: T | null;
}

/** The same, where `none` takes a value away. */
export function nullOr<T>(parse: (text: string) => T): (text: string) => Said<T> {
  return (text) => ({ value: text === "none" ? null : parse(text) });
}

/** An option that may be given several times. */
export function several(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** `key:value` of each; the server says which it knows. */
export function pairs(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("Not key:value.");
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`${key} is there twice.`);
  return { ...before, [key]: value };
}

/** A year, a month or a day, as the API takes it. */
export function period(text: string): string {
  if (!/^\d{4}(-\d{2}){0,2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("A year, month or day is like 2026, 2026-11 or 2026-11-25.");
  return text;
}

/** Degrees of latitude and longitude, with a comma between. */
export function place(text: string): { lat: number; lng: number } {
  const [, lat, lng] = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (lat === undefined) throw new InvalidArgumentError("A place is like 55.68,12.57.");
  return { lat: Number(lat), lng: Number(lng) };
}
