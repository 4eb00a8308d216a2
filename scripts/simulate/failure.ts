import { ApiFailure } from "../start/api";
import { Unreachable } from "./client";
import { InTheWay } from "./ground";
import { WrongOption } from "./options";

/** What to tell of a failure, and the exit code: 2 for a wrong command line, else 1. */
export function told(error: unknown, url: string): { text: string; code: number } {
  if (error instanceof WrongOption)
    return { text: `${error.message}\nnpm run simulate -- --help tells what there is.`, code: 2 };
  return { text: textOf(error, url), code: 1 };
}

function textOf(error: unknown, url: string): string {
  if (error instanceof Unreachable)
    return `No server answers at ${url} (${error.message}).\nIs it running? npm start runs one; another one's address goes into --url.`;
  if (error instanceof InTheWay) return error.message;
  if (error instanceof ApiFailure) return ofAnswer(error, url);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ofAnswer(error: ApiFailure, url: string): string {
  const code = /^\{"error":"(\w+)"\}$/.exec(error.body)?.[1];
  if (code === "operator_only")
    return `The key is an account's: ${url} takes reports only with the operator's (--operator-key).`;
  if (code === "unauthorized" && error.message.includes("/operator/"))
    return `${url} does not know this operator's key. Give the one that it runs with: --operator-key, or OPERATOR_KEY.`;
  if (code === "account_not_found")
    return `${url} has no account of this id (--account). Leave it out for a new one.`;
  if (code === "key_limit_reached")
    return "The account has as many keys as there may be: revoke some, or leave --account out.";
  if (code === undefined) return `${error.message.slice(0, 300)}\nIs a Simplane at ${url}?`;
  return `${error.message}\nWhat the code means is in docs/api.md under "Error codes".`;
}
