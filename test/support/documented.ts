import { expect } from "vitest";
import { codesOf } from "../../openapi/codes";
import { routesOf } from "../../openapi/document";
import { Components } from "../../openapi/json-schema";
import type { Operation } from "../../openapi/operation";
import { SECTIONS } from "../../openapi/sections";
import type { Answer } from "./call";

interface Documented {
  method: string;
  pattern: RegExp;
  operation: Operation;
  codes: ReadonlySet<string>;
}

let all: Documented[] | undefined;

/** What the API's document says of each route, in the order in which the app looks for it. */
function documented(): Documented[] {
  const operations = new Map(SECTIONS.flatMap((section) => Object.entries(section.operations)));
  const components = new Components();
  return [...routesOf()].map(([route, asks]) => {
    const [method = "", path = ""] = route.split(" ");
    const operation = operations.get(route);
    if (!operation) throw new Error(`${route} is not documented`);
    const codes = codesOf(components, method, asks, operation);
    const pattern = new RegExp(`^${path.replaceAll(/:[a-z_]+/g, "[^/]+")}$`);
    return { method, pattern, operation, codes: new Set<string>(codes) };
  });
}

/** Fails where the document does not say that a call may be answered so. */
export function expectDocumented(
  method: string,
  url: string,
  { status, json }: Pick<Answer, "status" | "json">,
): void {
  all ??= documented();
  const { pathname } = new URL(url);
  const route = all.find((one) => one.method === method && one.pattern.test(pathname));
  // No route, or not as JSON.
  if (!route || json === undefined) return;
  const { operation, codes } = route;
  const answer = operation.answers[status];
  if (answer) {
    // What the schema does not know it drops: so nothing undocumented is answered.
    expect(answer.schema.parse(json), `the document of ${method} ${pathname}`).toEqual(json);
    return;
  }
  const code = String(json.error);
  if (codes.has(code)) return;
  throw new Error(`the document of ${method} ${pathname} lacks ${status} ${code}`);
}
