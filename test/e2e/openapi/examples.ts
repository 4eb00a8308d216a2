import * as z from "zod";

const Parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().default(false),
  example: z.unknown(),
});
type Parameter = z.output<typeof Parameter>;

const Media = z.object({
  example: z.string().optional(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const Operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(z.union([Parameter, z.object({ $ref: z.string() })])),
  requestBody: z.object({ content: z.record(z.string(), Media) }).optional(),
});
type Operation = z.output<typeof Operation>;

export const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ parameters: z.record(z.string(), Parameter) }),
});
type Document = z.output<typeof Document>;

/** A request that the document shows. */
export interface Example {
  operation: string;
  /** What of the operation it shows. */
  name: string;
  method: string;
  /** As the document has it. */
  path: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  caller: "account" | "operator" | "nobody";
}

interface Body {
  name: string;
  body?: string;
  headers?: Record<string, string>;
}

/** Operations that ask for one of several parameters: the one that each of their examples has. */
const ALSO: Record<string, string> = { removeUnmatchedEvents: "sim_id" };

/** All requests that a document shows: of each operation each body, and each parameter that may be left out. */
export function examplesIn({ paths, components }: Document): Example[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const parameters = operation.parameters.map((one) =>
        "$ref" in one ? referredTo(components.parameters, one.$ref) : one,
      );
      const also = ALSO[operation.operationId];
      const isNeeded = (one: Parameter) => one.required || one.name === also;
      const needed = parameters.filter(isNeeded);
      const optional = parameters.filter((one) => !isNeeded(one));
      const [first, ...others] = bodiesOf(operation);
      const shown = [
        ...[first, ...others].map((body) => ({ body, given: needed })),
        ...optional.map((one) => ({ body: { ...first, name: one.name }, given: [...needed, one] })),
      ];
      return shown.map(({ body: { name, body, headers }, given }) => ({
        operation: operation.operationId,
        name,
        method: method.toUpperCase(),
        path,
        url: urlOf(path, given),
        headers: { ...headers, ...Object.fromEntries(valuesIn(given, "header")) },
        body,
        caller: callerOf(operation),
      }));
    }),
  );
}

function referredTo(all: Record<string, Parameter>, reference: string): Parameter {
  const parameter = all[reference.slice(reference.lastIndexOf("/") + 1)];
  if (!parameter) throw new Error(`there is no ${reference}`);
  return parameter;
}

function bodiesOf({ requestBody }: Operation): [Body, ...Body[]] {
  const json = Object.entries(requestBody?.content["application/json"]?.examples ?? {});
  const [first = { name: "plain" }, ...others] = json.map(([name, { value }]) => {
    return { name, body: JSON.stringify(value) };
  });
  const lines = requestBody?.content["application/x-ndjson"]?.example;
  const headers = { "content-type": "application/x-ndjson" };
  return lines === undefined
    ? [first, ...others]
    : [first, ...others, { name: "lines", body: lines, headers }];
}

function callerOf({ security }: Operation): Example["caller"] {
  const [needed] = security;
  if (!needed) return "nobody";
  return "key" in needed ? "account" : "operator";
}

function urlOf(path: string, given: Parameter[]): string {
  const values = new Map(valuesIn(given, "path"));
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values.get(name) ?? ""),
  );
  const query = new URLSearchParams(valuesIn(given, "query")).toString();
  return query ? `${place}?${query}` : place;
}

/** Names and values; an object's fields are `name[field]`, as the document's style says. */
function valuesIn(given: Parameter[], place: Parameter["in"]): [string, string][] {
  return given
    .filter((one) => one.in === place)
    .flatMap(({ name, example }): [string, string][] =>
      typeof example === "object" && example !== null
        ? Object.entries(example).map(([field, value]) => [`${name}[${field}]`, String(value)])
        : [[name, String(example)]],
    );
}
