import * as z from "zod";
import { AddressRange } from "../../access/allowed-ips";
import { EVERYTHING, GRANTS } from "../../access/scopes";
import { TagIds } from "../tags/schemas";
import { Name } from "../../platform/text";
import { DAY_MS, Time } from "../../platform/time";

const MOST_RANGES = 100;
const LONGEST_OVERLAP = (7 * DAY_MS) / 1000;

const Scopes = z
  .array(z.enum(GRANTS))
  .min(1)
  .max(GRANTS.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, "each scope once")
  .meta({ uniqueItems: true });
const AllowedIps = z.array(AddressRange).max(MOST_RANGES);
const Later = Time.refine((time) => time > Date.now());

/** What makes a key: what it may do has no default. */
export const KeyInput = z.strictObject({
  name: Name,
  scopes: Scopes,
  expires_at: Later.nullable().default(null),
  allowed_ips: AllowedIps.default([]),
  tags: TagIds.nullable().default(null),
});
export type KeyInput = z.output<typeof KeyInput>;

/** The operator's: a name is enough. Strict, since a key may do everything unless `scopes` says otherwise. */
export const OperatorKeyInput = z.strictObject({
  ...KeyInput.shape,
  scopes: Scopes.default([EVERYTHING]),
});

/** What changes a key; what is left out stays. A time that has passed ends it now. */
export const KeyPatch = z.strictObject({
  name: Name.optional(),
  scopes: Scopes.optional(),
  expires_at: Time.nullable().optional(),
  allowed_ips: AllowedIps.optional(),
  tags: TagIds.nullable().optional(),
});
export type KeyPatch = z.output<typeof KeyPatch>;

export const Rotation = z.strictObject({
  overlap_seconds: z.int().min(0).max(LONGEST_OVERLAP).default(86_400),
});

/** Names a key in a path. */
export const KeyRef = z.object({ id: z.string().min(1).max(64) });
