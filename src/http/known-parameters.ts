import type { Context, Next } from "hono";
import { matchedRoutes, routePath } from "hono/route";
import * as z from "zod";
import { ApiError } from "../platform/errors";
import { type Asks, asksOf } from "./asks";
import { asDetail, quoted } from "./error-detail";
import { shownFor } from "../platform/shown-as";

/** Methods whose parameters may come in the query string. */
export const BODILESS = new Set(["GET", "HEAD", "DELETE"]);

/** By method and path as the app declares them. */
const known = new Map<string, ReadonlySet<string>>();

/**
 * Refuses a query parameter that nothing of the call's route asks for: passed over, a slip in its name would answer
 * another question. Throws `parameter_unknown`.
 */
export const knownParameters = (c: Context, next: Next): Promise<void> => {
  const { url } = c.req;
  const query = url.indexOf("?");
  if (query !== -1) refuseUnknown(knownTo(c), new URLSearchParams(url.slice(query)).keys());
  return next();
};

/**
 * The same for parameters that came in the body of a call whose method is {@link BODILESS}. The names are read from the
 * schema once: `GET /sim` passes here at each call.
 */
export function refusingUnknownInBody(asks: Extract<Asks, { input: z.ZodType }>) {
  let names: ReadonlySet<string> | undefined;
  return (given: object): void => {
    names ??= new Set(parametersIn("GET", asks));
    refuseUnknown(names, Object.keys(given));
  };
}

function refuseUnknown(names: ReadonlySet<string>, given: Iterable<string>): void {
  const unknown = new Set<string>();
  for (const name of given) if (!isKnown(names, name)) unknown.add(name);
  if (unknown.size === 0) return;
  const takes = names.size === 0 ? "takes none" : `takes ${[...names].join(", ")}`;
  const detail = `${[...unknown].map(quoted).join(", ")}: no parameter of this call, which ${takes}`;
  throw new ApiError("parameter_unknown", {}, asDetail(detail));
}

/** A filter's forms with brackets are for the filter's schema to judge. */
function isKnown(names: ReadonlySet<string>, name: string): boolean {
  return names.has(name) || (names.has("filter") && name.startsWith("filter"));
}

function knownTo(c: Context): ReadonlySet<string> {
  const path = routePath(c);
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const route = `${method} ${path}`;
  const before = known.get(route);
  if (before) return before;
  const names = matchedRoutes(c)
    .filter((one) => one.path === path && one.method === method)
    .flatMap(({ handler }) => parametersIn(method, asksOf(handler)));
  const its = new Set(names);
  known.set(route, its);
  return its;
}

function parametersIn(method: string, asks: Asks | undefined): string[] {
  if (!asks) return [];
  if ("query" in asks) return fieldsOf(asks.query);
  if (!("input" in asks) || !BODILESS.has(method)) return [];
  return [...fieldsOf(asks.input), ...asks.aliases];
}

function fieldsOf(schema: z.ZodType): string[] {
  const shown = shownFor(schema) ?? schema;
  if (!(shown instanceof z.ZodObject)) throw new Error("a call's parameters are no object");
  return Object.keys(shown.shape);
}
