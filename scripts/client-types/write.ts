import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { buildDocument } from "../../openapi/document";
import { writeIfChanged } from "./write-if-changed";
import { ROOT } from "../start/wrangler";

/** Writes the types of the client, from the API's document. */
export async function writeTypes(): Promise<void> {
  const document = JSON.stringify(buildDocument(), withoutRefusals);
  // A field with a default need not be sent.
  const types = await openapiTS(document, { defaultNonNullable: false });
  writeIfChanged(join(ROOT, "client", "schema.ts"), astToString(types));
}

/** What is refused is thrown, and headers are those of a Response: their types would be half of the whole. */
function withoutRefusals(key: string, value: unknown): unknown {
  if (key !== "responses" || typeof value !== "object" || value === null) return value;
  const taken = Object.entries(value).filter(([status]) => status.startsWith("2"));
  return Object.fromEntries(taken.map(([status, answer]) => [status, { ...answer, headers: {} }]));
}
