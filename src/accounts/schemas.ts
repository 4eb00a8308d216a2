import * as z from "zod";
import { Name } from "../text";

/** What makes an account, or a key. */
export const Named = z.object({ name: Name });

/** Names an account or a key in a path. */
export const Key = z.object({ id: z.string().min(1).max(64) });

export interface Account {
  id: string;
  name: string;
  created_at: string;
}

/** A key as it is listed: never the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  created_at: string;
  revoked_at: string | null;
}
