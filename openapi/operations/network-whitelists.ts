import { done } from "../done";
import { cursorTo, NETWORK_LIST, TAG, TAG_ANSWER } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import { NetworkList, NetworkLists } from "../../src/api/network-whitelists/responses";
import { NetworkListInput, NetworkListPatch } from "../../src/api/network-whitelists/schemas";

const FIELDS = {
  networks: "Each once; `mnc` null or left out: every network of the MCC. Replaced as a whole.",
  tags: "Ids of tags, replaced as a whole.",
};
named(NetworkListInput, "NetworkListInput", "What makes a network list.", {
  name: "1 to 100 characters without control characters, not `.` or `..`; never changed.",
  ...FIELDS,
});
named(
  NetworkListPatch,
  "NetworkListPatch",
  "What changes a network list: what is left out stays.",
  FIELDS,
);

const LIST = {
  name: NETWORK_LIST,
  tags: [TAG_ANSWER],
  networks: [
    { mcc: "242", mnc: "01" },
    { mcc: "240", mnc: null },
  ],
};
const NAME: Parameter = { what: "The list's name.", example: NETWORK_LIST };

/** `/network-whitelists` of the fleet API. */
export const networkListOperations: Section = {
  tag: "Network lists",
  what: "The networks that SIMs may register with. A SIM names its list in `network_whitelist`.",
  operations: {
    "GET /network-whitelists": {
      id: "listNetworkLists",
      summary: "List network lists",
      description:
        'A page of the account\'s network lists, by name. The header `Link` with `rel="next"` leads to the next one.',
      parameters: {
        next_page: { what: "The cursor of the page before.", example: cursorTo(NETWORK_LIST) },
      },
      answers: { 200: { what: "The lists.", schema: NetworkLists, examples: { one: [LIST] } } },
    },
    "POST /network-whitelists": {
      id: "createNetworkList",
      summary: "Make a network list",
      description: "Makes a network list.",
      bodies: {
        tagged: {
          name: NETWORK_LIST,
          networks: [{ mcc: "242", mnc: "01" }, { mcc: "240" }],
          tags: [TAG],
        },
      },
      answers: { 200: { what: "The list.", schema: NetworkList, examples: { list: LIST } } },
      errors: [
        "tag_forbidden",
        "tag_not_found",
        "name_conflict",
        "network_whitelist_limit_reached",
      ],
    },
    "GET /network-whitelists/:name": {
      id: "getNetworkList",
      summary: "Read a network list",
      description: "Answers one of the account's network lists.",
      parameters: { name: NAME },
      answers: { 200: { what: "The list.", schema: NetworkList, examples: { list: LIST } } },
      errors: ["network_whitelist_not_found"],
    },
    "PATCH /network-whitelists/:name": {
      id: "changeNetworkList",
      summary: "Change a network list",
      description: "Replaces what the body names.",
      parameters: { name: NAME },
      bodies: { networks: { networks: [{ mcc: "242" }] } },
      answers: {
        200: { what: "The list as it is then.", schema: NetworkList, examples: { list: LIST } },
      },
      errors: ["tag_forbidden", "network_whitelist_not_found", "tag_not_found"],
    },
    "DELETE /network-whitelists/:name": {
      id: "deleteNetworkList",
      summary: "Delete a network list",
      description: "Deletes a network list that no SIM has.",
      parameters: { name: NAME },
      answers: { 200: done("It is deleted.") },
      errors: ["network_whitelist_not_found", "network_whitelist_in_use"],
    },
  },
};
