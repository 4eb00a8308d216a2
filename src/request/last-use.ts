import { noteUse } from "../access/last-used";
import type { Keyed, Step } from "./types";

/** Notes after a call that its key is in use. A refused call is no use. */
export const noteLastUse: Step<Keyed> = async (c, next) => {
  await next();
  const { keyId } = c.get("keyRecord");
  noteUse(c.env.DB, keyId, (promise) => c.executionCtx.waitUntil(promise));
};
