import * as z from "zod";
import { shownAs } from "../platform/shown-as";
import type { Schema } from "./validate";

/**
 * A body whose unknown fields are ignored, unless one differs from a known field only by its case: `{"Active":false}`
 * would make an active SIM. Such a field is refused with `field_unknown`.
 */
export function strictCase<S extends Schema>(schema: S, fields: readonly string[]) {
  const byLowerCase = new Map(fields.map((field) => [field.toLowerCase(), field]));
  const isMisspelt = (name: string) =>
    (byLowerCase.get(name.toLowerCase()) ?? name) !== name && !fields.includes(name);
  const checked = z.record(z.string(), z.unknown()).check(({ value, issues }) => {
    const keys = Object.keys(value).filter(isMisspelt);
    const message = fields.join(", ");
    if (keys.length > 0) issues.push({ code: "unrecognized_keys", keys, input: value, message });
  });
  return shownAs(schema, checked.pipe(schema));
}
