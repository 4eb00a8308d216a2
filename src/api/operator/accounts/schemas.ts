import * as z from "zod";
import { Name } from "../../../platform/text";

/** What makes an account. */
export const Named = z.strictObject({ name: Name });

/** Names an account in a path. */
export const AccountRef = z.object({ id: z.string().min(1).max(64) });

/** Calls a minute that each key of the account may make; null: as many as the deployment says. */
export const AccountPatch = z.strictObject({
  rate_limit: z.int().min(1).max(1_000_000).nullable(),
});
export type AccountPatch = z.output<typeof AccountPatch>;
