import { isKey, isOneOf } from "../access/api-key";
import { callerOf, countGuess } from "../access/guesses";
import { ApiError } from "../platform/errors";
import { actorOf } from "./actor";
import { findSentKey, sentKey } from "./authenticate";
import type { Operated, Step } from "./types";

/** Lets only the operator's key pass. Throws `operator_only` for an account's key, and `unauthorized` for any other. */
export const authenticateOperator: Step<Operated> = async (c, next) => {
  const key = sentKey(c.req);
  if (!(await isOneOf(key, c.get("config").operatorKeys))) {
    if (await findSentKey(c, key)) throw new ApiError("operator_only");
    // The look-up has counted those that have the form of an account's key.
    if (!(await isKey(key))) await countGuess(c.env, callerOf(c.req));
    throw new ApiError("unauthorized");
  }
  const actor = actorOf(c, "operator");
  if (actor) c.set("actor", actor);
  await next();
};
