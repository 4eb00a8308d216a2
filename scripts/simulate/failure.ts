import { networkCause } from "../../cli/network-cause";
import { SimplaneError } from "../../client";
import { InTheWay } from "./ground";
import { WrongOption } from "./options";

/** What to tell of a failure, and the exit code: 2 for a wrong command line, else 1. */
export function told(error: unknown, url: string): { text: string; code: number } {
  if (error instanceof WrongOption)
    return { text: `${error.message}\nnpm run simulate -- --help tells what there is.`, code: 2 };
  return { text: textOf(error, url), code: 1 };
}

function textOf(error: unknown, url: string): string {
  const cause = networkCause(error);
  if (cause !== undefined)
    return `No server answers at ${url} (${cause}).\nIs it running? npm start runs one; another one's address goes into --url.`;
  if (error instanceof InTheWay) return error.message;
  if (error instanceof SimplaneError) return ofAnswer(error, url);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ofAnswer({ code, message }: SimplaneError, url: string): string {
  if (code === "operator_only")
    return `The key is an account's: ${url} takes reports only with the operator's (--operator-key).`;
  if (code === "unauthorized" && message.includes("/operator/"))
    return `${url} does not know this operator's key. Give the one that it runs with: --operator-key, or OPERATOR_KEY.`;
  if (code === "account_not_found")
    return `${url} has no account of this id (--account). Leave it out for a new one.`;
  if (code === "key_limit_reached")
    return "The account has as many keys as there may be: revoke some, or leave --account out.";
  if (code === "unexpected_answer") return `${message}\nIs a Simplane at ${url}?`;
  return message;
}
