import * as z from "zod";
import { PassedOver } from "../src/http/passed-over";
import { shownFor } from "../src/platform/shown-as";

export type Json = Record<string, unknown>;

/** What is said of a field that is only read. */
export const PASSED_OVER = "Passed over: it is only read.";

export type Direction = "input" | "output";

/** Names a schema of what callers send, and says what its fields are: an answer's says so itself. */
export function named(
  schema: z.ZodType,
  id: string,
  description: string,
  fields: Record<string, string> = {},
): void {
  z.globalRegistry.add(schema, { id, description, fields });
}

/** The schemas that have a name. */
export class Components {
  readonly schemas: Record<string, Json> = {};

  /** A schema as JSON Schema; those with a name are put here, and only named there. */
  of(schema: z.ZodType, io: Direction): Json {
    // Within another, a schema with a name becomes a reference.
    const { properties, $defs } = z.toJSONSchema(z.object({ it: schema }), {
      io,
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => this.#adjust(zodSchema, jsonSchema, io),
    });
    for (const [id, definition] of Object.entries($defs ?? {})) this.#add(id, definition);
    return plain(properties?.["it"]);
  }

  #add(id: string, definition: unknown): void {
    const json = plain(definition);
    delete json["id"];
    const before = this.schemas[id];
    if (before && JSON.stringify(before) !== JSON.stringify(json))
      throw new Error(`two schemas are called ${id}`);
    this.schemas[id] = json;
  }

  #adjust(zodSchema: z.core.$ZodType, json: Json, io: Direction): void {
    const shown = shownFor(zodSchema);
    if (shown) replace(json, this.of(shown, io));
    else if (zodSchema instanceof z.ZodPipe) readNumber(zodSchema, json);
    if (zodSchema === PassedOver) json["description"] = PASSED_OVER;
    // Answers may get more fields.
    if (io === "output") delete json["additionalProperties"];
    // Generators of Java, C# and Go take 32 bits unless they are told.
    if (json["type"] === "integer") json["format"] = "int64";
    // The format says no less than zod's pattern of it; one that no standard knows has its pattern alone.
    if (STANDARD.has(String(json["format"]))) delete json["pattern"];
    else if (String(json["format"]).startsWith("cidr")) delete json["format"];
    if (zodSchema instanceof z.ZodDiscriminatedUnion) discriminate(json, zodSchema);
    if (zodSchema instanceof z.ZodDefault && json["type"] === "integer")
      json["default"] = zodSchema.def.defaultValue;
    const { fields } = json;
    delete json["fields"];
    describe(json, fields);
  }
}

const STANDARD = new Set(["uuid", "date-time", "date", "ipv4", "ipv6"]);

/** Generators make a union by name of alternatives that have one each. */
function discriminate(json: Json, { def }: z.ZodDiscriminatedUnion): void {
  const alternatives: unknown = json["oneOf"];
  if (!Array.isArray(alternatives)) return;
  const mapping: Record<string, unknown> = {};
  for (const [index, { _zod: option }] of def.options.entries()) {
    const alternative: unknown = alternatives[index];
    if (!isJson(alternative) || alternative["$ref"] === undefined) return;
    for (const value of option.propValues?.[def.discriminator] ?? [])
      mapping[String(value)] = alternative["$ref"];
  }
  json["discriminator"] = { propertyName: def.discriminator, mapping };
}

/** A number that may come as text, as in a query string, is documented as the number. */
function readNumber({ _zod: { def } }: z.ZodPipe, json: Json): void {
  const given = def.in instanceof z.ZodUnion ? def.in.options : [];
  if (!given.some((one) => one instanceof z.ZodNumber) || !(def.out instanceof z.ZodNumber)) return;
  const { $schema: _, ...number } = z.toJSONSchema(def.out);
  replace(json, { ...number, format: "int64" });
}

/** The same object with other content, a default aside. */
function replace(json: Json, content: Json): void {
  for (const name of Object.keys(json)) if (name !== "default") delete json[name];
  Object.assign(json, content);
}

/** Sets what fields are. */
function describe(json: Json, fields: unknown): void {
  const properties = json["properties"];
  if (!isJson(properties)) return;
  for (const [name, what] of Object.entries(isJson(fields) ? fields : {})) {
    const property = properties[name];
    if (!isJson(property)) throw new Error(`there is no field ${name} to describe`);
    property["description"] = what;
  }
}

/** With references into the document. */
function plain(value: unknown): Json {
  const text = JSON.stringify(value).replaceAll("#/$defs/", "#/components/schemas/");
  const json: unknown = JSON.parse(text);
  if (!isJson(json)) throw new Error("not a schema");
  return json;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
