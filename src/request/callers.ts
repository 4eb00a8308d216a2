import type { Scope } from "../access/scopes";
import { asking } from "../http/asks";
import { knownParameters } from "../http/known-parameters";
import { allowedAddress } from "./allowed-address";
import { authenticate } from "./authenticate";
import { loadConfig } from "./config";
import { finishChanges } from "./finish-changes";
import { idempotent } from "./idempotency/middleware";
import { inOrder } from "./in-order";
import { noteLastUse } from "./last-use";
import { authenticateOperator } from "./operator";
import { chargeCost, rateLimit } from "./rate-limit";
import { requireScope } from "./scope";
import { openSession } from "./session";
import type { Keyed, Operated } from "./types";

/** The chain of a route for accounts' keys: those with `scope`, or with null every key. */
export function key(scope: Scope | null, { pastAccountLimit = false } = {}) {
  const chain = inOrder<Keyed>(
    loadConfig,
    authenticate,
    allowedAddress,
    rateLimit({ pastAccountLimit }),
    requireScope(scope),
    knownParameters,
    noteLastUse,
    finishChanges,
    chargeCost,
    openSession,
    idempotent,
  );
  return asking({ caller: "account", scope }, chain);
}

/** The chain of a route for the operator's key alone. */
export function operator() {
  const chain = inOrder<Operated>(
    loadConfig,
    authenticateOperator,
    knownParameters,
    finishChanges,
    openSession,
  );
  return asking({ caller: "operator" }, chain);
}
