import { Done } from "../src/http/responses";
import type { Answer } from "./operation";

/** The answer of a call that has nothing to say but that it was done. */
export function done(what: string): Answer {
  return { what, schema: Done, examples: { done: { message: "OK" } } };
}
