import { done } from "../done";
import { KEY, OTHER_KEY, TAG, TIME } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { ApiKey, ApiKeys, NewApiKey, RotatedApiKey } from "../../src/api/keys/responses";
import { KeyInput, KeyPatch, OperatorKeyInput, Rotation } from "../../src/api/keys/schemas";

const FIELDS = {
  name: "1 to 100 characters.",
  scopes: "What the key may do; `*` for everything, what comes later too.",
  expires_at: "From when on it is `unauthorized`; null: never.",
  allowed_ips:
    "CIDR ranges that calls may come from, each written from its first address; none: everywhere.",
  tags: "Ids of tags: the key sees and changes only what carries one of them; null: everything.",
};
named(KeyInput, "KeyInput", "What makes a key.", FIELDS);
named(OperatorKeyInput, "OperatorKeyInput", "What makes a key: a name is enough.", FIELDS);
named(KeyPatch, "KeyPatch", "What changes a key: what is left out stays.", FIELDS);
named(Rotation, "Rotation", "How a key is rotated.", {
  overlap_seconds: "For how long the old key stays valid: 0 to 604,800.",
});

const LIMITS = {
  scopes: ["sims:read", "sims:write"],
  expires_at: "2027-01-01T00:00:00.000Z",
  allowed_ips: ["192.0.2.0/24", "2001:db8::/32"],
  tags: null,
};
const KEY_ANSWER = { id: KEY, name: "nightly", created_at: TIME, ...LIMITS, last_used_at: null };
/** A key as it is made. */
export const NEW_KEY_ANSWER = {
  id: OTHER_KEY,
  name: "nightly",
  key: "sp_yCRCQhxvDQYr9ruBpxPTaq75uF93UX4PdtTClMn0",
  created_at: TIME,
  ...LIMITS,
};
const ID: Parameter = { what: "The key's id.", example: KEY };

/** `/keys`. */
export const keyOperations: Section = {
  tag: "Keys",
  what: "An account's own keys, each limited to what it is for.",
  operations: {
    "GET /keys": {
      id: "listKeys",
      summary: "List keys",
      description:
        "The account's keys that are not revoked, and did not expire more than a day ago, oldest first.",
      answers: { 200: { what: "The keys.", schema: ApiKeys, examples: { one: [KEY_ANSWER] } } },
    },
    "POST /keys": {
      id: "createKey",
      summary: "Make a key",
      description: "Makes a key that may do no more than the caller's. It is shown only here.",
      bodies: {
        limited: {
          name: "nightly",
          scopes: ["sims:read", "sims:write"],
          expires_at: "2099-01-01T00:00:00Z",
          allowed_ips: ["192.0.2.0/24", "2001:db8::/32"],
        },
        everything: { name: "back office", scopes: ["*"] },
        tagged: { name: "north", scopes: ["sims:read", "usage:read"], tags: [TAG] },
      },
      answers: {
        200: { what: "The key.", schema: NewApiKey, examples: { made: NEW_KEY_ANSWER } },
      },
      errors: ["grant_forbidden", "tag_not_found", "key_limit_reached"],
    },
    "PATCH /keys/:id": {
      id: "changeKey",
      summary: "Change a key",
      description: "Narrows a key, or leaves it within what the caller's may do.",
      parameters: { id: ID },
      bodies: { narrowed: { scopes: ["sims:read"], allowed_ips: ["192.0.2.0/24"] } },
      answers: {
        200: { what: "The key as it is then.", schema: ApiKey, examples: { key: KEY_ANSWER } },
      },
      errors: ["grant_forbidden", "key_not_found", "key_expired", "tag_not_found", "last_key"],
    },
    "DELETE /keys/:id": {
      id: "deleteKey",
      summary: "Revoke a key",
      description: "Revokes a key: at once here, and within about a minute everywhere.",
      parameters: { id: ID },
      answers: { 200: done("It is revoked.") },
      errors: ["key_not_found", "last_key"],
    },
    "POST /keys/:id/rotate": {
      id: "rotateKey",
      summary: "Rotate a key",
      description:
        "Makes a key of the same limits in place of another, which lives on for a while.",
      parameters: { id: ID },
      bodies: { hour: { overlap_seconds: 3600 } },
      answers: {
        200: {
          what: "The new key, and the one before.",
          schema: RotatedApiKey,
          examples: { rotated: { ...NEW_KEY_ANSWER, previous: KEY_ANSWER } },
        },
      },
      errors: ["grant_forbidden", "key_not_found", "key_expired", "key_limit_reached"],
    },
  },
};
