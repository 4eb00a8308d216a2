import { done } from "../done";
import { NewApiKey } from "../../src/api/keys/responses";
import { NEW_KEY_ANSWER } from "./keys";
import { ACCOUNT, cursorTo, KEY, TIME } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { Account, AccountKeys, AccountPage } from "../../src/api/operator/accounts/responses";
import { AccountPatch, Named } from "../../src/api/operator/accounts/schemas";

named(Named, "AccountInput", "What makes an account.", { name: "1 to 100 characters." });
named(AccountPatch, "AccountPatch", "What changes an account.", {
  rate_limit: "Calls a minute of each key; null: as many as the deployment says.",
});

const ACCOUNT_ANSWER = { id: ACCOUNT, name: "Acme", created_at: TIME };
const ID: Parameter = { what: "The account's id.", example: ACCOUNT };
const PAGE = cursorTo([1_795_493_584_000, ACCOUNT]);

/** `/operator/accounts` and `/operator/keys`. */
export const accountOperations: Section = {
  tag: "Operator: accounts",
  what: "Accounts and their keys.",
  operations: {
    "POST /operator/accounts": {
      id: "createAccount",
      summary: "Make an account",
      description: "Makes an account, which has no key yet.",
      bodies: { acme: { name: "Acme" } },
      answers: {
        201: { what: "The account.", schema: Account, examples: { made: ACCOUNT_ANSWER } },
      },
    },
    "GET /operator/accounts": {
      id: "listAccounts",
      summary: "List accounts",
      description: "A page of all accounts, oldest first.",
      parameters: { next_page: { what: "The cursor of the page before.", example: PAGE } },
      answers: {
        200: {
          what: "A page of accounts.",
          schema: AccountPage,
          examples: {
            page: { accounts: [ACCOUNT_ANSWER], pagination: { has_more: true, next_page: PAGE } },
          },
        },
      },
    },
    "PATCH /operator/accounts/:id": {
      id: "changeAccount",
      summary: "Change an account",
      description: "Sets how many calls a minute each key of the account may make.",
      parameters: { id: ID },
      bodies: { limited: { rate_limit: 1200 }, usual: { rate_limit: null } },
      answers: {
        200: {
          what: "The account as it is then.",
          schema: Account,
          examples: { limited: { ...ACCOUNT_ANSWER, rate_limit: 1200 } },
        },
      },
      errors: ["account_not_found"],
    },
    "POST /operator/accounts/:id/keys": {
      id: "createAccountKey",
      summary: "Make a key for an account",
      description: "Makes a key for an account. It is shown only here.",
      parameters: { id: ID },
      bodies: { first: { name: "first" }, limited: { name: "reader", scopes: ["sims:read"] } },
      answers: { 201: { what: "The key.", schema: NewApiKey, examples: { made: NEW_KEY_ANSWER } } },
      errors: ["account_not_found", "tag_not_found"],
    },
    "GET /operator/accounts/:id/keys": {
      id: "listAccountKeys",
      summary: "List an account's keys",
      description: "A page of an account's keys, oldest first, revoked ones too.",
      parameters: {
        id: ID,
        next_page: {
          what: "The cursor of the page before.",
          example: cursorTo([1_795_493_584_000, KEY]),
        },
      },
      answers: {
        200: {
          what: "The keys.",
          schema: AccountKeys,
          examples: {
            one: {
              keys: [
                {
                  id: KEY,
                  name: "first",
                  created_at: TIME,
                  scopes: ["*"],
                  expires_at: null,
                  allowed_ips: [],
                  tags: null,
                  last_used_at: TIME,
                  revoked_at: null,
                },
              ],
              pagination: { has_more: false },
            },
          },
        },
      },
      errors: ["account_not_found"],
    },
    "DELETE /operator/keys/:id": {
      id: "revokeKey",
      summary: "Revoke a key of any account",
      description: "Revokes a key, which stays listed.",
      parameters: { id: { what: "The key's id.", example: KEY } },
      answers: { 200: done("It is revoked.") },
      errors: ["key_not_found"],
    },
  },
};
