import { type SQL, sql } from "drizzle-orm";
import { listed } from "../db/client";
import { ApiError } from "../errors";

/** What a caller's change must find unchanged: one of these tags; undefined: it is for whatever is there. */
export type Condition = readonly string[] | undefined;

const TAG = /(?:W\/)?"([\x21\x23-\x7e]*)"/;
const LIST = new RegExp(`^${TAG.source}(?:[ \t]*,[ \t]*${TAG.source})*$`);
const LONGEST = 1024;

/** Stands for all that a caller can change of a SIM, of either API; made anew, the SIM has another. */
export const TAG_OF_SIM = sql`sims.created_at || '-' || sims.version`;

export function etag(tag: string): string {
  return `"${tag}"`;
}

/** The condition of an If-Match header. Throws `if_match_invalid`. */
export function conditionIn(header: string | undefined): Condition {
  if (header === undefined || header.trim() === "*") return undefined;
  const value = header.trim();
  if (value.length > LONGEST || !LIST.test(value)) throw new ApiError("if_match_invalid");
  // Those that were made weak too: a proxy that compresses an answer makes its tag so.
  return [...value.matchAll(new RegExp(TAG, "g"))].map(([, tag = ""]) => tag);
}

/** Whether a row of `sims` is as the condition says. */
export function fits(condition: Condition): SQL {
  if (!condition) return sql`1`;
  return sql`${TAG_OF_SIM} IN ${listed(condition)}`;
}
