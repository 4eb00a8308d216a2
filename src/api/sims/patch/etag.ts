import { type SQL, sql } from "drizzle-orm";
import { listed } from "../../../db/client";
import { ApiError } from "../../../platform/errors";

/** What a caller's change must find unchanged: one of these tags; undefined: it is for whatever is there. */
export type Condition = readonly string[] | undefined;

const TAG = /(?:W\/)?"([\x21\x23-\x7e]*)"/;
const LIST = new RegExp(`^${TAG.source}(?:[ \t]*,[ \t]*${TAG.source})*$`);
const LONGEST = 1024;

/** Stands for all that a caller can change of a SIM, of either API; made anew, the SIM has another. */
export const TAG_OF_SIM = sql`sims.created_at || '-' || sims.version`;

/** Of what a caller can change alone: the same tag is the same bytes. */
export function etag(tag: string): string {
  return `"${tag}"`;
}

/** Of a body that also holds what its events change, as whether it is online: weak, since the tag stays then (RFC 9110, 8.8.1). */
export function weak(tag: string): string {
  return `W/${tag}`;
}

/** Whether an If-None-Match header has the tag, weak or not (RFC 9110, 13.1.2), or is `*`. */
export function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(",").map((one) => one.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(tag);
}

/** The condition of an If-Match header. Throws `if_match_invalid`. */
export function conditionIn(header: string | undefined): Condition {
  if (header === undefined || header.trim() === "*") return undefined;
  const value = header.trim();
  if (value.length > LONGEST || !LIST.test(value)) throw new ApiError("if_match_invalid");
  // Weak ones too, for they stand for all that a caller can change; and a proxy that compresses an answer makes its tag weak.
  return [...value.matchAll(new RegExp(TAG, "g"))].map(([, tag = ""]) => tag);
}

/** Whether a row of `sims` is as the condition says. */
export function fits(condition: Condition): SQL {
  if (!condition) return sql`1`;
  return sql`${TAG_OF_SIM} IN ${listed(condition)}`;
}
