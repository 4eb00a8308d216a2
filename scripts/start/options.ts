import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./wrangler";

export interface StartOptions {
  port: number;
  /** Where the local state is kept: an absolute path. */
  persistTo: string;
  /** What `--var NAME:value` sets; it beats `.dev.vars`. */
  vars: Record<string, string>;
  /** The arguments that are wrangler's alone. */
  rest: string[];
  help: boolean;
}

/** Reads the arguments of `npm start`: what this script needs itself, and the rest for `wrangler dev`. */
export function readOptions(given: string[]): StartOptions {
  // Without npm between, the `--` that ends npm's own arguments is still there.
  const args = given[0] === "--" ? given.slice(1) : given;
  const { values, tokens } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "8787" },
      "persist-to": { type: "string" },
      var: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${String(values.port)} is not a port: 1 to 65535.`);
  const persistTo = values["persist-to"];
  const own = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== "option" || !["port", "persist-to"].includes(token.name)) continue;
    own.add(token.index);
    if (!token.inlineValue) own.add(token.index + 1);
  }
  return {
    port,
    persistTo:
      typeof persistTo === "string" ? resolve(persistTo) : resolve(ROOT, ".wrangler", "state"),
    vars: Object.fromEntries((values.var ?? []).map((text) => nameAndValue(String(text)))),
    rest: args.filter((_, index) => !own.has(index)),
    help: values.help === true,
  };
}

function nameAndValue(text: string): [string, string] {
  const [name = "", ...value] = text.split(":");
  return [name, value.join(":")];
}
