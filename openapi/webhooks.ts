import { ClassicPayloads, FleetPayloads } from "../src/events/payload-schemas";
import { CLASSIC_SAMPLES, FLEET_SAMPLES } from "./webhook-samples";
import type { Components, Json } from "./json-schema";

export const WEBHOOKS = {
  tag: "Webhooks that are sent",
  what: "What a webhook POSTs to its endpoint, an event each: by the payload that it asks for. Any 2xx within 15 seconds accepts the event.",
};

const HEADERS = {
  "x-event-type": "The event's type, by the name that the payload has for it.",
  "webhook-id": "The event's id, the same however often it is sent.",
  "webhook-timestamp": "When it was sent: seconds since 1970.",
  "webhook-signature":
    "`v1,` and the HMAC-SHA256 of Standard Webhooks; several with a blank between while an older secret signs on.",
};

/** What is sent for each type of event, in each payload. */
export function webhooksSection(components: Components): Json {
  const classic = Object.entries(ClassicPayloads).map(([type, schema]) => {
    return sent(
      `classic.${type}`,
      components.of(schema, "output"),
      Reflect.get(CLASSIC_SAMPLES, type),
      type,
    );
  });
  const fleet = Object.entries(FleetPayloads).map(([type, schema]) => {
    return sent(
      `fleet.${type}`,
      components.of(schema, "output"),
      Reflect.get(FLEET_SAMPLES, type),
      type,
    );
  });
  return Object.fromEntries([...classic, ...fleet]);
}

function sent(name: string, schema: Json, example: unknown, type: string): [string, Json] {
  const [payload = ""] = name.split(".");
  const id = `on.${name}`.replaceAll(/[-.]([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const parameters = Object.entries(HEADERS).map(([header, description]) => ({
    name: header,
    in: "header",
    required: true,
    description,
    schema: { type: "string" },
    example: EXAMPLES[header] ?? type,
  }));
  const post = {
    operationId: id,
    tags: [WEBHOOKS.tag],
    summary: `${type}, payload ${payload}`,
    description: `What an event of type \`${type}\` is sent as to webhooks of the payload \`${payload}\`.`,
    security: [],
    parameters,
    requestBody: {
      required: true,
      content: { "application/json": { schema, examples: { sample: { value: example } } } },
    },
    responses: { "2XX": { description: "The event is accepted; the body is not read." } },
  };
  return [name, { post }];
}

const EXAMPLES: Record<string, string> = {
  "webhook-id": "evt_mwu6is1s_192837465_07fb89d62d69da54",
  "webhook-timestamp": "1795493586",
  "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
};
