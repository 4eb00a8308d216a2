import { join } from "node:path";
import { GRANTS } from "../../src/access/scopes";
import { ACTIONS } from "../../src/db/audit-actions";
import { EVENT_TYPES } from "../../src/events/types";
import { ERRORS } from "../../src/platform/errors";
import { ROOT } from "../start/wrangler";

/** The values of the API that programs need at run time: the client's types do not hold them. */
export const CONSTANTS_FILE = join(ROOT, "client", "constants.ts");

/** The text of client/constants.ts, as the code gives it. */
export function constantsFile(): string {
  const sentences = Object.entries(ERRORS).map(([code, [, sentence]]) => [code, sentence]);
  return [
    "// `npm run generate` writes this file from src/: change the values there.\n",
    constant("EVENT_TYPES", "The types of events.", EVENT_TYPES),
    constant("ACTIONS", "The actions of the audit log.", ACTIONS),
    constant("GRANTS", "The scopes that a key may have; `*` is all of them.", GRANTS),
    constant("ERROR_SENTENCES", "The meaning of each error code.", Object.fromEntries(sentences)),
  ].join("\n");
}

function constant(name: string, comment: string, value: object): string {
  return `/** ${comment} */\nexport const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}
