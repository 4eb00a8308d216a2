import * as z from "zod";
import { isObject } from "./body";
import { shownAs } from "../platform/shown-as";

/**
 * A call's parameters whose filters came as `filter=key:value`, `filter[]=key:value` or `filter[key]=value`, each any
 * number of times: `schema` gets all of them as its one field `filter`, an object. What is none, a key given twice, or a
 * parameter that only begins with the name, is `filter_invalid`: passed over, it would answer for the whole fleet.
 */
export function withFilters<S extends z.ZodType<object, Record<string, unknown>>>(schema: S) {
  const collected = z
    .record(z.string(), z.unknown())
    .transform((given, context): Record<string, unknown> => {
      const others = Object.entries(given).filter(([name]) => !isFilter(name));
      const filter = filtersIn(given);
      if (filter !== null) return { ...Object.fromEntries(others), filter };
      context.addIssue({ code: "custom", path: ["filter"], message: FORM, input: undefined });
      return z.NEVER;
    })
    .pipe(schema);
  return shownAs(schema, collected);
}

const FORM = "key:value, each key once";

/** `filter`, and its forms with brackets. */
const NAME = /^filter(?:\[([^\]]*)\])?$/;

function isFilter(name: string): boolean {
  return name.startsWith("filter");
}

/** By their keys, all filters among a call's parameters; null where one of them is none, or a key is there twice. */
function filtersIn(given: Record<string, unknown>): Record<string, string> | null {
  const filters = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    if (!isFilter(name)) continue;
    const [matched, key = ""] = NAME.exec(name) ?? [];
    if (matched === undefined) return null;
    for (const [filter, wanted] of pairsOf(key, value)) {
      if (typeof wanted !== "string" || filters.has(filter)) return null;
      filters.set(filter, wanted);
    }
  }
  return Object.fromEntries(filters);
}

function pairsOf(key: string, value: unknown): [filter: string, value: unknown][] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => pairsOf(key, one));
  // Some clients number a list's entries: `filter[0]=key:value`.
  if (key !== "" && !/^[0-9]+$/.test(key)) return [[key, value]];
  if (isObject(value)) return Object.entries(value);
  const [, filter = "", wanted] = /^([^:]*):([^]*)$/.exec(String(value)) ?? [];
  return [[filter, wanted]];
}
