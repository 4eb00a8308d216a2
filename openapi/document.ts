import { version } from "../package.json";
import { app } from "../src/app";
import { ERRORS } from "../src/platform/errors";
import { type Asks, asksOf } from "../src/http/asks";
import { Components, type Json } from "./json-schema";
import type { Section } from "./operation";
import { operationOf } from "./operation-object";
import { HEADERS } from "./parameters";
import { ANSWER_HEADERS, errorExamples } from "./responses";
import { shareResponses } from "./share-responses";
import { SECTIONS } from "./sections";
import { WEBHOOKS, webhooksSection } from "./webhooks";

/** The OpenAPI 3.1 document of all that the app serves. Throws where a route, a parameter or an operation has no other half. */
export function buildDocument(sections: readonly Section[] = SECTIONS): Json {
  const components = new Components();
  const routes = routesOf();
  const written = sections.flatMap(({ operations }) => Object.keys(operations));
  const unknown = written.find((route) => !routes.has(route));
  if (unknown) throw new Error(`there is no route ${unknown}`);
  const paths: Record<string, Json> = {};
  for (const [route, asks] of routes) {
    const [method = "", path = ""] = route.split(" ");
    const place = path.replaceAll(/:([a-z_]+)/g, "{$1}");
    paths[place] = {
      ...paths[place],
      [method.toLowerCase()]: operationOf(components, findOperation(sections, route), method, asks),
    };
  }
  const webhooks = webhooksSection(components);
  const responses = shareResponses(paths);
  const examples = errorExamples(JSON.stringify([paths, responses]));
  components.schemas["ErrorCode"] = {
    description: "Every code that an answer may have as its `error`, with what it says.",
    type: "string",
    enum: Object.keys(ERRORS),
    "x-enum-descriptions": Object.values(ERRORS).map(
      ([status, sentence]) => `${status}: ${sentence}`,
    ),
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
    tags: [...sections, WEBHOOKS].map(({ tag, what }) => ({ name: tag, description: what })),
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
          description:
            "The operator's key, which alone opens `/operator/...`. To try such a call from /docs, enter it in the field of `key`: it is the same header.",
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

function findOperation(sections: readonly Section[], route: string) {
  for (const { tag, operations } of sections) {
    const operation = operations[route];
    if (operation) return { tag, operation };
  }
  throw new Error(`${route} is not documented`);
}
