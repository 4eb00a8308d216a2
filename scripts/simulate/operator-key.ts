import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ROOT } from "../start/wrangler";
import { WrongOption } from "./options";

/** The operator's key: given, or in the environment, or what `npm start` left. Throws {@link WrongOption} when nowhere. */
export function operatorKey(given: string | undefined): string {
  const key = given ?? process.env["OPERATOR_KEY"] ?? kept(join(ROOT, ".dev.vars"));
  if (!key)
    throw new WrongOption(
      "There is no operator's key: give it with --operator-key or OPERATOR_KEY, or run npm start first, which leaves one in .dev.vars.",
    );
  return key;
}

function kept(path: string): string | undefined {
  try {
    return parseEnv(readFileSync(path, "utf8"))["OPERATOR_KEY"];
  } catch {
    return undefined;
  }
}
