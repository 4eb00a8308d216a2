import { done } from "../done";
import { TAG, TAG_ANSWER } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { Tag, TagPage } from "../../src/api/tags/responses";
import { TagIds, TagInput, TagPatch } from "../../src/api/tags/schemas";

named(TagIds, "TagIds", "Ids of tags, up to 100; the tags as they are answered will do.");
const FIELDS = {
  name: "1 to 100 characters without control characters, unique within the account.",
  color: "`#rrggbb`, or null.",
};
named(TagInput, "TagInput", "What makes a tag.", FIELDS);
named(TagPatch, "TagPatch", "What changes a tag: what is left out stays.", FIELDS);

const ID: Parameter = { what: "The tag's id.", example: TAG };

/** `/tags` of the fleet API. */
export const tagOperations: Section = {
  tag: "Tags",
  what: "They group SIMs, connectors, network lists and webhooks.",
  operations: {
    "GET /tags/search/tags": {
      id: "listTags",
      summary: "List tags",
      description: "A page of the account's tags, by name.",
      answers: {
        200: {
          what: "A page of tags.",
          schema: TagPage,
          examples: { page: { count: 1, limit: 1000, offset: 0, total: 1, result: [TAG_ANSWER] } },
        },
      },
    },
    "POST /tags": {
      id: "createTag",
      summary: "Make a tag",
      description: "Makes a tag; an account may have 500.",
      bodies: { coloured: { name: "Supplier", color: "#5BA571" } },
      answers: { 200: { what: "The tag.", schema: Tag, examples: { tag: TAG_ANSWER } } },
      errors: ["tag_forbidden", "name_conflict", "tag_limit_reached"],
    },
    "PATCH /tags/:id": {
      id: "changeTag",
      summary: "Change a tag",
      description: "Changes what the body names.",
      parameters: { id: ID },
      bodies: { name: { name: "Suppliers" } },
      answers: {
        200: { what: "The tag as it is then.", schema: Tag, examples: { tag: TAG_ANSWER } },
      },
      errors: ["tag_forbidden", "tag_not_found", "name_conflict"],
    },
    "DELETE /tags/:id": {
      id: "deleteTag",
      summary: "Delete a tag",
      description: "Deletes a tag that nothing carries.",
      parameters: { id: ID },
      answers: { 200: done("It is deleted.") },
      errors: ["tag_forbidden", "tag_not_found", "tag_in_use"],
    },
  },
};
