import { isJson, type Json } from "./json-schema";

/** How often an answer is given before it is told apart. */
const OFTEN = 3;

/** Puts the responses that many operations have in one place, and names them there. */
export function shareResponses(paths: Record<string, Json>): Json {
  const given = new Map<string, Place[]>();
  for (const place of placesIn(paths)) {
    const text = JSON.stringify(place.responses[place.status]);
    given.set(text, [...(given.get(text) ?? []), place]);
  }
  const shared: Json = {};
  const most = [...given].toSorted(([, a], [, b]) => b.length - a.length);
  for (const [text, places] of most) {
    const [first] = places;
    if (!first || places.length < OFTEN) continue;
    const name = [first.whose, first.status].join("_");
    if (Object.hasOwn(shared, name)) continue;
    shared[name] = JSON.parse(text);
    for (const { responses, status } of places)
      responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return shared;
}

interface Place {
  /** The name of the key that the operation takes. */
  whose: string;
  status: string;
  responses: Json;
}

function placesIn(paths: Record<string, Json>): Place[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  return operations.flatMap((operation) => {
    if (!isJson(operation) || !isJson(operation["responses"])) return [];
    const { security, responses } = operation;
    const whose = JSON.stringify(security).replaceAll(/[^a-zA-Z]/g, "") || "public";
    return Object.keys(responses)
      .filter((status) => status >= "400")
      .map((status) => ({ whose, status, responses }));
  });
}
