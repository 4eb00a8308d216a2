import * as z from "zod";
import type { Access } from "../../../access/access";
import type { Db } from "../../../db/client";
import { PAGE_BYTES } from "../../../http/page-bytes";
import { ApiError } from "../../../platform/errors";
import { isObject } from "../../../http/body";
import type { ChangeResult } from "../responses";
import { type Changed, changeSims } from "./apply";
import { readChanges } from "./input";
import { bytesOfSim } from "../row";

const Flag = z
  .enum(["true", "false"], "true or false")
  .default("false")
  .transform((text) => text === "true");

/** Strict: a slip in `dry_run` must not make the changes. */
export const BulkOptions = z.strictObject({ dry_run: Flag, atomic: Flag });
export type BulkOptions = z.output<typeof BulkOptions>;

/** Changes that one call is worth where a key's calls are counted: as many as the public fleet API takes in one. */
const CHANGES_A_CALL = 20;

/** Tags in the changes that one call is worth besides: each is a row that is written. */
const TAGS_A_CALL = 200;

/** How many calls a list of changes is worth at least; what it writes is counted when it is done. */
export function callsWorth(changes: readonly unknown[]): number {
  const tags = changes.reduce((sum: number, change) => sum + tagsIn(change), 0);
  return Math.ceil(changes.length / CHANGES_A_CALL) + Math.floor(tags / TAGS_A_CALL);
}

function tagsIn(change: unknown): number {
  return isObject(change) && Array.isArray(change.tags) ? change.tags.length : 0;
}

/**
 * Makes changes, or says what they would come to, in their order. Throws `atomic_refused` when all of them were to be made
 * or none, and one of them cannot be.
 */
export async function changeInBulk(
  db: Db,
  access: Access,
  given: readonly unknown[],
  { dry_run: dryRun, atomic }: BulkOptions,
): Promise<ChangeResult[]> {
  const { changes, refused } = readChanges(given);
  if (atomic && !dryRun && refused.length > 0) throw new ApiError("atomic_refused");
  const changed = await changeSims(db, access, changes, { atomic, dryRun });
  const results = [...shown(changed), ...refused].toSorted((a, b) => a.index - b.index);
  if (atomic && !dryRun && results.some((result) => "error" in result))
    throw new ApiError("atomic_refused");
  return results;
}

/** What became of the changes; SIMs are shown as long as the answer is no larger than a page may be. */
function shown(changed: readonly Changed[]): ChangeResult[] {
  let bytes = 0;
  return changed.map((one): ChangeResult => {
    const { index, id } = one;
    if (!("sim" in one)) return { index, id, error: one.error };
    bytes += bytesOfSim(one.sim);
    return { index, id, sim: bytes > PAGE_BYTES ? null : one.sim };
  });
}
