import type { Asks } from "../src/http/asks";
import { BODILESS } from "../src/http/known-parameters";
import { codesOf } from "./codes";
import type { Components, Json } from "./json-schema";
import type { Operation } from "./operation";
import { headersOf, parametersOf } from "./parameters";
import { asExamples, responsesOf } from "./responses";

/** An operation as OpenAPI has it: of what its middlewares ask for, and what is written of it. */
export function operationOf(
  components: Components,
  { tag, operation }: { tag: string; operation: Operation },
  method: string,
  asks: readonly Asks[],
): Json {
  const customer = asks.some((one) => "scope" in one);
  const operator = asks.some((one) => "caller" in one && one.caller === "operator");
  const scope = asks.flatMap((one) => ("scope" in one && one.scope !== null ? [one.scope] : []));
  const codes = codesOf(components, method, asks, operation);
  const body = bodyOf(components, method, asks, operation);
  return {
    operationId: operation.id,
    tags: [tag],
    summary: operation.summary,
    description: [operation.description, ...scope.map((one) => `Needs the scope \`${one}\`.`)].join(
      " ",
    ),
    security: customer ? [{ key: [] }] : operator ? [{ operatorKey: [] }] : [],
    parameters: [
      ...asks.flatMap((one) => {
        if ("path" in one) return parametersOf(components, one.path, "path", operation);
        if ("query" in one) return parametersOf(components, one.query, "query", operation);
        return "input" in one && BODILESS.has(method)
          ? parametersOf(components, one.input, "query", operation)
          : [];
      }),
      ...headersOf(method, asks, operation),
    ],
    ...(body && { requestBody: body }),
    responses: responsesOf(components, operation, codes, {
      changes: method !== "GET",
      customer,
      open: !customer && !operator,
    }),
  };
}

function bodyOf(
  components: Components,
  method: string,
  asks: readonly Asks[],
  operation: Operation,
): Json | undefined {
  const asked = BODILESS.has(method)
    ? undefined
    : asks.find((one) => "input" in one || "list" in one);
  if (!asked) return undefined;
  if (!operation.bodies) throw new Error(`${operation.id} has no example of its body`);
  const schema = "input" in asked ? asked.input : asked.list;
  return {
    required: !("bodyOptional" in asked && asked.bodyOptional),
    content: {
      "application/json": {
        schema: components.of(schema, "input"),
        examples: asExamples(operation.bodies),
      },
      ...(operation.lines !== undefined && {
        "application/x-ndjson": { schema: { type: "string" }, example: operation.lines },
      }),
    },
  };
}
