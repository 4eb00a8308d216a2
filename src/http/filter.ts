import * as z from "zod";

/** A query as {@link gatherFilters} leaves it, for a schema that has `filter`. */
export const Filtered = z.record(z.string(), z.unknown()).transform(gatherFilters);

/**
 * A query with its filters as one object: `filter=key:value`, `filter[]=key:value` (repeated) and `filter[key]=value`.
 * What is none of these, or a key given twice, leaves null, which no schema takes.
 */
function gatherFilters(query: Record<string, unknown>): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  const filters: [key: unknown, value: unknown][] = [];
  for (const [name, value] of Object.entries(query)) {
    const [, key] = /^filter(?:\[(\w*)\])?$/.exec(name) ?? [];
    if (!/^filter(\[\w*\])?$/.test(name)) rest[name] = value;
    else if (key) filters.push([key, value]);
    else for (const text of [value].flat()) filters.push(split(text));
  }
  const filter = Object.fromEntries(filters.map(([key, value]) => [String(key), value]));
  const valid = filters.every(([key]) => key !== undefined);
  return {
    ...rest,
    filter: valid && Object.keys(filter).length === filters.length ? filter : null,
  };
}

function split(text: unknown): [key: unknown, value: unknown] {
  const colon = typeof text === "string" ? text.indexOf(":") : -1;
  return typeof text === "string" && colon > 0
    ? [text.slice(0, colon), text.slice(colon + 1)]
    : [undefined, undefined];
}
