import * as z from "zod";

/** Groups SIMs, connectors, network lists and webhooks. */
export const Tag = z
  .object({
    name: z.string(),
    id: z.uuid(),
    can_write: z.boolean().describe("Whether the key may see and change what carries the tag."),
    color: z.string().nullable().describe("`#rrggbb`, or null."),
  })
  .meta({ id: "Tag", description: "Groups SIMs, connectors, network lists and webhooks." });
export type Tag = z.output<typeof Tag>;

export const TagPage = z
  .object({
    count: z.int().describe("Tags on this page."),
    limit: z.int(),
    offset: z.int(),
    total: z.int().describe("Tags of the account that the key may see."),
    result: z.array(Tag),
  })
  .meta({ id: "TagPage" });
export type TagPage = z.output<typeof TagPage>;
