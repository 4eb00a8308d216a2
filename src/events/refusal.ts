import { sql } from "drizzle-orm";
import type { Details } from "./details";

const REFUSED = ["rejected", "refused", "denied", "failed", "failure", "error"];
const ACCEPTED = ["accepted", "allowed", "success", "successful", "ok"];

/**
 * Whether the network refused the SIM: its `status` says so, or it gives a `reason` and does not say that it accepted.
 * {@link NOT_REFUSED} must decide the same.
 */
export function isRefused({ status, reason }: Pick<Details, "status" | "reason">): boolean {
  if (isOneOf(REFUSED, status)) return true;
  return reason !== undefined && !isOneOf(ACCEPTED, status) && !isOneOf(ACCEPTED, reason);
}

function isOneOf(words: readonly string[], text: string | undefined): boolean {
  return text !== undefined && words.includes(text.toLowerCase());
}

const oneOf = (words: readonly string[]) =>
  sql.raw(`(${words.map((word) => `'${word}'`).join(", ")})`);

/** The opposite of {@link isRefused}, of a row's `details`. */
export const NOT_REFUSED = sql`CASE
  WHEN lower(details ->> 'status') IN ${oneOf(REFUSED)} THEN 0
  WHEN lower(details ->> 'status') IN ${oneOf(ACCEPTED)} THEN 1
  ELSE details ->> 'reason' IS NULL OR lower(details ->> 'reason') IN ${oneOf(ACCEPTED)} END`;
