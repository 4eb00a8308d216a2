import * as z from "zod";
import type { Reach } from "../auth/reach";
import type { Db } from "../db/client";
import { ApiError } from "../errors";
import type { ChangeResult } from "./answers";
import { type Changed, changeSims } from "./change";
import { readChanges } from "./changes";

const Flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

/** Strict: a slip in `dry_run` must not make the changes. */
export const BulkOptions = z.strictObject({ dry_run: Flag, atomic: Flag });
export type BulkOptions = z.output<typeof BulkOptions>;

/** Changes that one call is worth where a key's calls are counted: as many as the public fleet API takes in one. */
const CHANGES_A_CALL = 20;

/** How many calls a list of changes is worth. */
export function callsWorth(changes: readonly unknown[]): number {
  return Math.ceil(changes.length / CHANGES_A_CALL);
}

/**
 * Makes changes, or says what they would come to, in their order. Throws `atomic_refused` when all of them were to be made
 * or none, and one of them cannot be.
 */
export async function changeInBulk(
  db: Db,
  reach: Reach,
  given: readonly unknown[],
  { dry_run: dryRun, atomic }: BulkOptions,
): Promise<ChangeResult[]> {
  const { changes, refused } = readChanges(given);
  if (atomic && !dryRun && refused.length > 0) throw new ApiError("atomic_refused");
  const changed = await changeSims(db, reach, changes, { atomic, dryRun });
  const results = [...changed.map(asResult), ...refused].toSorted((a, b) => a.index - b.index);
  if (atomic && !dryRun && results.some((result) => "error" in result))
    throw new ApiError("atomic_refused");
  return results;
}

function asResult(changed: Changed): ChangeResult {
  const { index, id } = changed;
  return "sim" in changed ? { index, id, sim: changed.sim } : { index, id, error: changed.error };
}
