import { includes, type Scope } from "../access/scopes";
import { ApiError } from "../platform/errors";
import type { Keyed, Step } from "./types";

/** Refuses keys without the scope with `scope_missing`; null lets every key pass. */
export function requireScope(scope: Scope | null): Step<Keyed> {
  return (c, next) => {
    if (scope !== null && !includes(c.get("keyRecord").scopes, scope))
      throw new ApiError("scope_missing");
    return next();
  };
}
