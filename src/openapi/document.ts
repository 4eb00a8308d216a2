import { version } from "../../package.json";
import { app } from "../app";
import { ERRORS } from "../errors";
import { type Asks, asksOf } from "../http/asks";
import { codesOf } from "./codes";
import { Components, type Json } from "./json-schema";
import type { Operation, Section } from "./operation";
import { HEADERS, headersOf, parametersOf } from "./parameters";
import { ANSWER_HEADERS, asExamples, errorExamples, responsesOf } from "./responses";
import { shareResponses } from "./share-responses";
import { SECTIONS } from "./sections";
import { WEBHOOKS, webhooksSection } from "./webhooks";

/** The methods whose parameters come in the query. */
const BODILESS = new Set(["GET", "DELETE"]);

/** The OpenAPI 3.1 document of all that the app serves. Throws where a route, a parameter or an operation has no other half. */
export function buildDocument(): Json {
  const components = new Components();
  const routes = routesOf();
  const written = SECTIONS.flatMap(({ operations }) => Object.keys(operations));
  const unknown = written.find((route) => !routes.has(route));
  if (unknown) throw new Error(`there is no route ${unknown}`);
  const paths: Record<string, Json> = {};
  for (const [route, asks] of routes) {
    const [method = "", path = ""] = route.split(" ");
    const place = path.replaceAll(/:([a-z_]+)/g, "{$1}");
    paths[place] = {
      ...paths[place],
      [method.toLowerCase()]: operationOf(components, route, method, asks),
    };
  }
  const webhooks = webhooksSection(components);
  const responses = shareResponses(paths);
  const examples = errorExamples(JSON.stringify([paths, responses]));
  components.schemas["ErrorCode"] = {
    description: "Every code that an answer may have as its `error`, with what it says.",
    oneOf: Object.entries(ERRORS).map(([code, [status, sentence]]) => {
      return { const: code, description: `${status}: ${sentence}` };
    }),
  };
  return {
    openapi: "3.1.1",
    info: {
      title: "Simplane",
      version,
      summary: "The API of an IoT connectivity provider: SIMs, connectors, usage, events.",
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
      contact: { name: "Who runs this deployment" },
    },
    servers: [{ url: "/", description: "This deployment." }],
    tags: [...SECTIONS, WEBHOOKS].map(({ tag, what }) => ({ name: tag, description: what })),
    paths,
    webhooks,
    components: {
      schemas: components.schemas,
      parameters: HEADERS,
      headers: ANSWER_HEADERS,
      responses,
      examples,
      securitySchemes: {
        key: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "An account's key as it is, `sp_...`; `Bearer sp_...` works too.",
        },
        operatorKey: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "The operator's key, which alone opens `/operator/...`.",
        },
      },
    },
  };
}

const ABOUT = `JSON over HTTPS. An error is exactly \`{"error":"code"}\`; each code is listed with what it says. \`GET\` and
\`DELETE\` take their parameters from the query, or from a JSON object in the body, which wins. Times in parameters are
\`YYYY-MM-DD HH:MM:SS\` (UTC) or ISO 8601 with a zone. Answers may get more fields.`;

/** What the middlewares of each route ask for, by \`METHOD /path\`. */
export function routesOf(): Map<string, Asks[]> {
  const routes = new Map<string, Asks[]>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const route = `${method} ${path}`;
    const asks = asksOf(handler);
    routes.set(route, [...(routes.get(route) ?? []), ...(asks ? [asks] : [])]);
  }
  return routes;
}

function operationOf(
  components: Components,
  route: string,
  method: string,
  asks: readonly Asks[],
): Json {
  const { section, operation } = findOperation(route);
  const customer = asks.some((one) => "scope" in one);
  const operator = asks.some((one) => "caller" in one && one.caller === "operator");
  const scope = asks.flatMap((one) => ("scope" in one && one.scope !== null ? [one.scope] : []));
  const { codes, strict } = codesOf(components, method, asks, operation);
  const body = bodyOf(components, method, asks, operation);
  return {
    operationId: operation.id,
    tags: [section.tag],
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
    responses: responsesOf(components, operation, codes, strict, {
      changes: method !== "GET",
      customer,
    }),
  };
}

function findOperation(route: string): { section: Section; operation: Operation } {
  for (const section of SECTIONS) {
    const operation = section.operations[route];
    if (operation) return { section, operation };
  }
  throw new Error(`${route} is not documented`);
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
