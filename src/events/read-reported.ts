import * as z from "zod";
import type { ErrorCode } from "../platform/errors";
import { isObject } from "../http/body";
import { CountryCode } from "../http/scalars";
import { CONTROL_CHARACTERS, SURROGATES } from "../platform/text";
import { DETAILS, Location, Network, REASON_LENGTH, STATUS_LENGTH } from "./details";

/** What was left out of a reported event or cut, since it does not parse: `network`, or `network.mnc`, a part of it. */
export interface Warning {
  field: string;
  error: ErrorCode;
}

type Fields = Record<string, unknown>;

/** Texts that some core networks write as numbers. */
const TEXTS = ["id", "replaces", "bill_id", "session_id", "network_type", "status", "reason"];
const NUMBERS = new Set(["lat", "lng", "accuracy", "cell_id", "location_area_code"]);

/**
 * A reported event as its schema takes it. What is null or '' is absent, and what can mean one thing only is read as
 * that. Fields that decorate a record never refuse it: one that does not parse is left out, with a warning.
 */
export function readReported(given: Fields): { fields: Fields; warnings: Warning[] } {
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => !isEmpty(value)));
  for (const name of TEXTS) if (name in fields) fields[name] = asText(fields[name]);
  if ("imei" in fields) fields.imei = asImei(fields.imei);
  const warnings: Warning[] = [];
  for (const [name, read] of DECORATIONS) {
    if (!(name in fields)) continue;
    const warn = (part?: string) =>
      warnings.push({ field: part ? `${name}.${part}` : name, error: `${name}_invalid` });
    const value = read(fields[name], warn);
    if (value === undefined) delete fields[name];
    else fields[name] = value;
  }
  return { fields, warnings };
}

/** Reads a value, or answers undefined; whatever is lost of it is warned of. */
type Reader = (value: unknown, warn: (part?: string) => void) => unknown;

function whole(schema: z.ZodType): Reader {
  return (value, warn) => {
    if (schema.safeParse(value).success) return value;
    warn();
    return undefined;
  };
}

/** An object without any part says nothing. */
function atLeastOne(read: Reader): Reader {
  return (value, warn) => {
    const parts = read(value, warn);
    return isObject(parts) && Object.keys(parts).length > 0 ? parts : undefined;
  };
}

/** An object of which each part stands alone. */
function partsOf({ shape }: z.ZodObject): Reader {
  return (value, warn) => {
    if (!isObject(value)) {
      warn();
      return undefined;
    }
    const parts: Fields = {};
    for (const [name, schema] of Object.entries(shape)) {
      if (!Object.hasOwn(value, name) || isEmpty(value[name])) continue;
      const part = NUMBERS.has(name) ? asNumber(value[name]) : asMobileCode(value[name]);
      if (z.safeParse(schema, part).success) parts[name] = part;
      else warn(name);
    }
    return parts;
  };
}

/** A text without control characters, cut to its length: without its reason, a refused registration would read as one. */
function cutTo(length: number): Reader {
  return (value, warn) => {
    const text = typeof value === "string" ? value.replaceAll(NOT_PLAIN, "") : "";
    const cut = Array.from(text).slice(0, length).join("");
    if (cut !== value) warn();
    return cut === "" ? undefined : cut;
  };
}

const NOT_PLAIN = new RegExp(`[${CONTROL_CHARACTERS}${SURROGATES}]`, "gu");

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function asText(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

function asNumber(value: unknown): unknown {
  return typeof value === "string" && /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(value)
    ? Number(value)
    : value;
}

/** An MCC or MNC of three digits may be a number; of fewer, its zeros may be lost. */
function asMobileCode(value: unknown): unknown {
  return typeof value === "number" && value >= 100 ? asText(value) : value;
}

/** An IMEI may be a number, unless it may have lost a zero: some begin with 01, and none with 1. */
function asImei(value: unknown): unknown {
  const text = asText(value);
  return typeof text === "string" && /^(?:[2-9][0-9]{13,14}|[0-9]{16})$/.test(text) ? text : value;
}

/** The fields that decorate a record. */
const DECORATIONS = [
  ["country_code_previous", whole(CountryCode)],
  ["network_type", whole(DETAILS.network_type)],
  ["network", atLeastOne(partsOf(Network))],
  ["status", cutTo(STATUS_LENGTH)],
  ["reason", cutTo(REASON_LENGTH)],
  ["location", partsOf(Location)],
] as const;
