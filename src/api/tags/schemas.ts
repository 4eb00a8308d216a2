import * as z from "zod";
import { LIMITS } from "../../platform/limits";
import { Name } from "../../platform/text";

const TagId = z.uuid().toLowerCase();

/** Ids of tags, each once, in the order they were given; the tags that an answer had will do. */
export const TagIds = z
  .array(z.union([TagId, z.object({ id: TagId }).transform(({ id }) => id)]))
  .max(LIMITS.tagsOfSim.most)
  .transform((ids) => [...new Set(ids)]);

const Color = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/)
  .toLowerCase()
  .nullable();

export const TagInput = z.strictObject({ name: Name, color: Color.default(null) });
export type TagInput = z.output<typeof TagInput>;

export const TagPatch = z.strictObject({ name: Name.optional(), color: Color.optional() });
export type TagPatch = z.output<typeof TagPatch>;

export const TagKey = z.object({ id: z.uuid().toLowerCase() });
